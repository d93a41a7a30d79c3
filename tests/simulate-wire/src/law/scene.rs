//! Scenes for the judges: a small world in virtual time in which somebody does right or wrong, as if on the wire.

use serde_json::{Value, json};
use simulated_aws::api::{Call, PutEventsEntry, Served, Service, StateValue};
use simulated_aws::wire::{Seen, To, WireFault};
use simulated_aws::world::{Hand, World};

use crate::case::{Case, Story};
use crate::evidence::Evidence;
use crate::stand::{ALARM, APPLICATION, BLUE, GREEN, Setting};

/// A scene. Green stands ready; the first invocation holds its lease.
pub struct Scene {
    world: World,
    setting: Setting,
    seen: Vec<Seen>,
    invocation: u32,
    dealt_with: usize,
}

impl Scene {
    /// Blue serves, green is launched.
    pub fn new() -> Self {
        let setting = Setting::of(&Case::Calm(Story::Good), 0);
        let mut world = setting.world();
        world.hand(setting.green());
        world.advance(5);
        let mut scene = Self { world, setting, seen: Vec::new(), invocation: 1, dealt_with: 0 };
        scene.lease();
        scene
    }

    /// What the judges get.
    pub fn evidence(&self) -> Evidence {
        Evidence::new(self.world.clone(), self.seen.clone(), &self.setting)
    }

    /// Time passes.
    pub fn pass(&mut self, seconds: i64) -> &mut Self {
        self.world.advance(seconds);
        self
    }

    /// Another invocation goes on, with a lease of its own.
    pub fn next_invocation(&mut self) -> &mut Self {
        self.invocation += 1;
        self.lease();
        self
    }

    /// The one before goes on, stale.
    pub fn former_invocation(&mut self) -> &mut Self {
        self.invocation -= 1;
        self
    }

    /// The alarm changes.
    pub fn alarm(&mut self, state: StateValue) -> &mut Self {
        self.world.hand(Hand::SetAlarm(ALARM.to_owned(), state));
        self
    }

    /// A whole look, answered.
    pub fn look(&mut self) -> &mut Self {
        self.look_with("", WireFault::CutBefore)
    }

    /// A look in which one operation meets a fault.
    pub fn look_with(&mut self, operation: &str, fault: WireFault) -> &mut Self {
        let target_group_arn = self.arn("web");
        let names = vec![BLUE.to_owned(), GREEN.to_owned()];
        let fleets = Call::DescribeAutoScalingGroups {
            names,
            filters: Vec::new(),
            include_instances: None,
            next_token: None,
            max_records: None,
        };
        let calls = [fleets, Call::DescribeTargetHealth { target_group_arn, targets: Vec::new() }, of_alarm()];
        for call in calls {
            let met = (call.operation() == operation).then(|| fault.clone());
            self.call(&call, met);
        }
        self.pass(1)
    }

    /// A fleet is attached.
    pub fn attach(&mut self, fleet: &str) -> &mut Self {
        self.attach_to(fleet, "web")
    }

    /// To that group.
    pub fn attach_to(&mut self, fleet: &str, group: &str) -> &mut Self {
        let target_group_arns = vec![self.arn(group)];
        self.call(&Call::AttachLoadBalancerTargetGroups { asg: fleet.to_owned(), target_group_arns }, None)
    }

    /// A fleet is detached.
    pub fn detach(&mut self, fleet: &str) -> &mut Self {
        self.detach_from(fleet, "web")
    }

    /// From that group.
    pub fn detach_from(&mut self, fleet: &str, group: &str) -> &mut Self {
        let target_group_arns = vec![self.arn(group)];
        self.call(&Call::DetachLoadBalancerTargetGroups { asg: fleet.to_owned(), target_group_arns }, None)
    }

    /// A floor is held.
    pub fn hold(&mut self, fleet: &str) -> &mut Self {
        self.min_size(fleet, 2)
    }

    /// MinSize is written.
    pub fn min_size(&mut self, fleet: &str, min: i32) -> &mut Self {
        self.sizes(fleet, Some(min), None)
    }

    /// Sizes are written.
    pub fn sizes(&mut self, fleet: &str, min_size: Option<i32>, max_size: Option<i32>) -> &mut Self {
        let asg = fleet.to_owned();
        self.call(&Call::UpdateAutoScalingGroup { asg, min_size, desired_capacity: None, max_size }, None)
    }

    /// A change is announced.
    pub fn announce(&mut self, stage: &str, sequence: u64) -> &mut Self {
        let ended = stage == "successful";
        let detail = json!({
            "application": APPLICATION, "sequence": sequence, "stage": stage, "next_check_seconds": u8::from(!ended),
            "status": if ended { stage } else { "in_progress" },
        });
        let entry = PutEventsEntry {
            bus: None,
            source: "cutover".to_owned(),
            detail_type: "Release State Change".to_owned(),
            detail: detail.to_string(),
            resources: Vec::new(),
            time: None,
        };
        self.call(&Call::PutEvents { entries: vec![entry] }, None)
    }

    fn arn(&self, group: &str) -> String {
        self.world.group_arn(group).unwrap()
    }

    fn lease(&mut self) {
        self.log("UpdateItem", To::DynamoDb, None, None);
    }

    fn call(&mut self, call: &Call, fault: Option<WireFault>) -> &mut Self {
        let served = self.world.serve(call);
        assert!(matches!(served, Served::Ok(_)), "{served:?}");
        let place = self.dealt_with;
        self.dealt_with += 1;
        self.log(call.operation(), To::World(Service::AutoScaling), fault, Some(place));
        self
    }

    fn log(&mut self, operation: &str, to: To, fault: Option<WireFault>, dealt_with: Option<usize>) {
        self.seen.push(Seen {
            number: self.seen.len() + 1,
            at: self.world.now(),
            caller: "process".to_owned(),
            invocation: self.invocation,
            round: 1,
            to,
            operation: operation.to_owned(),
            params: Value::Null,
            status: (fault != Some(WireFault::CutAfter)).then_some(200),
            error: None,
            fault,
            dealt_with,
        });
    }
}

fn of_alarm() -> Call {
    Call::DescribeAlarms {
        names: vec![ALARM.to_owned()],
        prefix: None,
        types: Vec::new(),
        state_value: None,
        next_token: None,
        max_records: None,
    }
}
