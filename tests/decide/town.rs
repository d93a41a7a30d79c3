//! An application with a world around it, of which turns are asked.

use crate::scene::{Scene, Setting, application, fleet_arn, fleet_name};
use cutover::decide::{Ask, Candidate, Context, Refusal, Turn, turn};
use cutover::release::*;

/// An application with a world around it.
pub struct Town {
    pub app: Application,
    pub seen: Observation,
    pub pasts: Vec<(FleetArn, Past)>,
    pub ended: Option<Release>,
    pub subject: Option<ReleaseId>,
}

pub fn id(number: u64) -> ReleaseId {
    ReleaseId::new(application(), number)
}

impl Town {
    pub fn new(seen: Observation) -> Self {
        Self { app: Application::new(application()), seen, pasts: Vec::new(), ended: None, subject: None }
    }

    /// A release runs, in this scene.
    pub fn running(scene: Scene) -> Self {
        let mut town = Self::new(scene.seen);
        town.app.numbered = 1;
        town.app.running = Some(scene.release);
        town
    }

    pub fn ask(&self, ask: Ask) -> Result<Turn, Refusal> {
        let defaults = PolicyFields::default();
        let (ended, subject) = (self.ended.as_ref(), self.subject.as_ref());
        turn(&self.app, &ask, &self.seen, &Context { defaults: &defaults, pasts: &self.pasts, ended, subject })
    }

    /// An event told of green.
    pub fn event(&self) -> Result<Turn, Refusal> {
        self.ask(Ask::Start(told("green", false)))
    }

    /// Why an event about green starts nothing.
    pub fn ignored(&self) -> String {
        match self.event() {
            Err(Refusal::Ignored(why)) => why,
            other => panic!("not ignored: {other:?}"),
        }
    }

    pub fn fleet(&self, name: &str) -> &Fleet {
        self.seen.fleets[&fleet_name(name)].as_ref().unwrap().as_ref().unwrap()
    }

    pub fn edit(&mut self, name: &str, change: impl FnOnce(&mut Fleet)) {
        change(self.seen.fleets.get_mut(&fleet_name(name)).unwrap().as_mut().unwrap().as_mut().unwrap());
    }

    /// One more fleet of the application, so many seconds younger than green.
    pub fn another(&mut self, name: &str, younger: u32) {
        let mut scene = Setting::default().begin();
        let mut fleet = scene.fleet("green").clone();
        (fleet.name, fleet.arn) = (fleet_name(name), fleet_arn(name));
        fleet.created_at = fleet.created_at + Span::seconds(younger);
        self.seen.families.get_mut(&application()).unwrap().as_mut().unwrap().insert(fleet_name(name));
        self.seen.attachments.insert(fleet_name(name), Ok(Attachments::new()));
        self.seen.fleets.insert(fleet_name(name), Ok(Some(fleet)));
    }
}

pub fn told(green: &str, commanded: bool) -> Candidate {
    let origin = Origin {
        by: if commanded { "ana".into() } else { "event".into() },
        request_id: "request".into(),
        commanded,
        client_token: None,
        fields: PolicyFields::default(),
        blue: None,
    };
    Candidate { green: fleet_name(green), arn: None, origin }
}

pub fn promote() -> Ask {
    Ask::Promote { by: "ana".into() }
}

pub fn roll_back() -> Ask {
    Ask::Rollback { by: "ana".into(), reason: None }
}

/// A world in which an event about green starts a release: its tags say which alarms.
pub fn town() -> Town {
    let mut town = Town::new(Setting::default().world());
    town.edit("green", |green| drop(green.tags.insert("cutover:alarms".into(), "errors".into())));
    town
}
