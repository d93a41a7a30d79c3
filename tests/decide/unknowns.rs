//! What isn't known at a deadline ends nothing as if it were: a fleet that isn't seen to be off may serve, and one that isn't
//! seen to be on may not.

use crate::scene::{Scene, Setting, fleet_name, group_arn};
use cutover::decide::Action;
use cutover::release::policy::RetireBlue;
use cutover::release::*;

/// The longest deregistration delay and the attach timeout: how long a detach is waited for.
const DRAIN_TIME: u32 = 120 + 900;

type Change = fn(&mut Scene);

/// Ways of not knowing whether a fleet is attached.
const UNKNOWN: [Change; 3] = [
    |s| s.fleet_unread("green"),
    |s| s.attachments_unread("green"),
    |s| _ = s.attachments("green").insert(group_arn("web"), AttachmentState::Unknown),
];

/// The end that a release is heading for.
fn end(release: &Release) -> Option<Status> {
    release.ending.map(|(end, _)| end).or(release.ended().then_some(release.status))
}

/// Goes on, a minute at a time, until it's over or halted.
fn play(scene: &mut Scene) {
    for _ in 0..60 {
        if scene.release.ended() || scene.release.halted() {
            return;
        }
        scene.go();
        scene.later(60);
    }
}

fn attached(scene: &mut Scene, fleet: &str, group: &str) -> bool {
    scene.attachments(fleet).contains_key(&group_arn(group))
}

/// A rollback is successful once green is out: not when its detach was lost and nobody can tell.
#[test]
fn green_that_is_not_known_to_be_detached_is_no_successful_rollback() {
    for (way, unknown) in UNKNOWN.iter().enumerate() {
        let mut scene = Setting::default().green_leaves();
        scene.on("green", "web");
        unknown(&mut scene);
        scene.wrote("green", WriteAnswer::Lost);
        scene.later(DRAIN_TIME);
        let after = scene.decide().release;
        assert_eq!(end(&after), Some(Status::RollbackFailed), "way {way}");
        assert!(after.message.contains("isn't known to be detached"), "way {way}: {}", after.message);
    }
}

#[test]
fn a_first_set_up_that_is_not_known_to_be_out_is_not_said_to_be() {
    let mut scene = Setting::alone().attach();
    scene.all_targets("green", TargetHealth::Unhealthy);
    scene.later(900);
    scene.go();
    scene.on("green", "web");
    scene.wrote("green", WriteAnswer::Lost);
    scene.attachments_unread("green");
    scene.later(DRAIN_TIME);
    let message = scene.decide().release.message;
    assert!(message.contains("isn't known to be detached"), "{message}");
}

/// Blue that may serve isn't said to be detached: that it can't be known is held, then turned back from.
#[test]
fn blue_that_is_not_known_to_be_detached_holds_the_release() {
    let unknown: [Change; 3] = [
        |s| s.fleet_unread("blue"),
        |s| s.attachments_unread("blue"),
        |s| _ = s.attachments("blue").insert(group_arn("web"), AttachmentState::Unknown),
    ];
    for (way, unknown) in unknown.iter().enumerate() {
        let mut scene = Setting::default().baked();
        scene.go();
        scene.on("blue", "web");
        unknown(&mut scene);
        scene.wrote("blue", WriteAnswer::Lost);
        scene.later(DRAIN_TIME);
        let held = scene.go();
        assert_eq!(scene.release.stage, Stage::Detach, "way {way}: {}", scene.release.message);
        assert!(matches!(held.waiting_on, Some(WaitingOn::Evidence { .. })), "way {way}: {:?}", held.waiting_on);
        scene.later(900);
        assert_eq!(scene.decide().release.stage, Stage::Rollback, "way {way}");
    }
}

/// Blue is still there, and by now green is too small without it.
#[test]
fn blue_that_cannot_be_detached_and_has_grown_stays() {
    let mut scene = Setting::default().baked();
    scene.go();
    scene.on("blue", "web");
    scene.wrote("blue", WriteAnswer::Refused);
    scene.sizes("blue", 3, 6);
    scene.later(DRAIN_TIME);
    scene.go();
    assert_eq!(scene.release.stage, Stage::Rollback, "{}", scene.release.message);
    let why = scene.release.rollback_reason.clone().unwrap();
    assert!(why.contains("green has 3 of 6 in web"), "{why}");
}

/// Blue was deleted behind green's detach: green comes back, and until that is seen nothing ends.
#[test]
fn green_is_taken_back_until_it_is_seen_to_be_there() {
    for unread in [Scene::fleet_unread, Scene::attachments_unread] {
        let mut scene = Setting::default().green_leaves();
        let was = scene.seen.clone();
        scene.deleted("blue");
        unread(&mut scene, "green");
        scene.go();
        scene.later(DRAIN_TIME);
        scene.go();
        assert!(scene.release.halted(), "{}", scene.release.message);
        scene.seen.fleets.insert(fleet_name("green"), was.fleets[&fleet_name("green")].clone());
        scene.seen.attachments.insert(fleet_name("green"), was.attachments[&fleet_name("green")].clone());
        assert!(
            scene.go().actions.iter().any(|action| matches!(action, Action::Attach { .. })),
            "tried in a halt, too"
        );
        scene.later(31);
        scene.go();
        assert_eq!(end(&scene.release), Some(Status::RollbackFailed), "{}", scene.release.message);
        assert!(scene.release.message.contains("green stays"), "{}", scene.release.message);
    }
}

/// Blue was deleted: what can't be read of green is waited for until the rollback's deadline, in a halt by a person.
#[test]
fn green_that_cannot_be_read_beside_a_deleted_blue_is_waited_for() {
    let waits = |scene: &Scene| {
        let decision = scene.decide();
        (decision.waiting_on.map(|waiting| waiting.kind()), end(&decision.release))
    };
    let gone = |mut scene: Scene| {
        scene.deleted("blue");
        scene.attachments_unread("green");
        scene
    };
    assert_eq!(waits(&gone(Setting::default().halted())), (Some("person"), None));
    let mut scene = gone(Setting::default().rollback());
    scene.later(900 - 31 - 1);
    assert_eq!(waits(&scene), (Some("evidence"), None));
    scene.later(1);
    assert_eq!(waits(&scene).1, Some(Status::RollbackFailed));
    let message = scene.decide().release.message;
    assert!(message.contains("whether green serves isn't known"), "{message}");
}

/// One call that AWS refuses, late in green's drain, isn't the last.
#[test]
fn a_refused_attach_that_takes_green_back_is_repeated() {
    let mut scene = Setting::default().green_leaves();
    scene.later(DRAIN_TIME - 31 - 5);
    scene.deleted("blue");
    scene.go();
    scene.off("green", "web");
    scene.wrote("green", WriteAnswer::Refused);
    scene.later(10);
    let again = scene.decide();
    assert!(again.release.ending.is_none(), "{}", again.release.message);
    assert!(matches!(again.actions[..], [Action::Attach { .. }]), "{:?}", again.actions);
}

/// Two fleets of blue, a group each; one is deleted while green leaves: its group gets green back, and neither is left.
#[test]
fn a_group_whose_blue_was_deleted_gets_green_back() {
    let blues = vec![("blue", vec!["web"]), ("blue2", vec!["api"])];
    let mut scene = Setting { blues, groups: vec!["web", "api"], ..Setting::default() }.green_leaves();
    scene.deleted("blue");
    scene.later(31);
    play(&mut scene);
    assert!(scene.release.halted(), "{}", scene.release.message);
    assert!(attached(&mut scene, "green", "web") && attached(&mut scene, "blue2", "api"));
}

/// In a halt both green and the blue of one group were deleted: nothing is left to take back. The rest of blue serves on, but
/// that group isn't as it was found.
#[test]
fn green_that_was_deleted_is_not_taken_back() {
    let blues = vec![("blue", vec!["web"]), ("blue2", vec!["api"])];
    let mut scene = Setting { blues, groups: vec!["web", "api"], ..Setting::default() }.halted();
    scene.deleted("blue");
    scene.deleted("green");
    scene.later(60);
    scene.go();
    play(&mut scene);
    assert_eq!(end(&scene.release), Some(Status::RollbackFailed), "{}", scene.release.message);
    assert!(
        scene.release.message.starts_with("nothing serves in web: its blue was deleted"),
        "{}",
        scene.release.message
    );
    assert!(attached(&mut scene, "blue2", "api"));
}

/// In a halt, blue that a person detaches is a choice of green: if green is there.
#[test]
fn green_that_is_not_known_to_be_attached_is_nobodys_choice() {
    for unread in [false, true] {
        let fields = PolicyFields { retire_blue: Some(RetireBlue::ScaleToZero), ..PolicyFields::default() };
        let mut scene = Setting::with(fields).prepare();
        scene.release = scene.decide().release;
        scene.wrote("green", WriteAnswer::Refused);
        scene.attachments_unread("green");
        scene.all_targets("blue", TargetHealth::Unhealthy);
        for _ in 0..2 {
            scene.later(900);
            scene.release = scene.decide().release;
        }
        assert!(scene.release.halted(), "{}", scene.release.message);
        scene.later(60);
        scene.off("blue", "web");
        if !unread {
            scene.seen.attachments.insert(fleet_name("green"), Ok(Attachments::new()));
        }
        let decision = scene.decide();
        assert_eq!((end(&decision.release), decision.actions), (None, vec![]), "unread: {unread}");
    }
}

/// A person chose green out of a halt: what becomes of blue is theirs, too.
#[test]
fn blue_is_not_scaled_to_zero_out_of_a_halt() {
    let fields = PolicyFields { retire_blue: Some(RetireBlue::ScaleToZero), ..PolicyFields::default() };
    let mut scene = Setting::with(fields).halted();
    scene.off("blue", "web");
    scene.later(31);
    scene.go();
    assert_eq!(end(&scene.release), Some(Status::Successful), "{}", scene.release.message);
    play(&mut scene);
    assert_eq!(scene.fleet("blue").sizes.desired, 3);
}
