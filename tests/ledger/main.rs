//! The record keeps its promises, whoever keeps the record.
//!
//! One suite of promises, held against the ledger of the in-process face, against `aws::ledger` over the simulated
//! DynamoDB (directly, and on the wire) and against `aws::ledger` over moto's (third-party: not only our own reading of DynamoDB). What only goes
//! wrong between an SDK and a table is in `faults`.

mod faults;
mod fixtures;
mod hosts;
mod promises;
mod simulated;

/// One test for each promise on each host.
macro_rules! promises {
    ($($name:ident),+ $(,)?) => {
        mod in_process {
            $(#[test] fn $name() {
                crate::hosts::in_process(async |a, b| crate::promises::$name(a, b, stringify!($name)).await);
            })+
        }
        mod simulated_dynamodb {
            $(#[test] fn $name() {
                crate::hosts::simulated(async |a, b| crate::promises::$name(a, b, stringify!($name)).await);
            })+
        }
        mod on_the_wire {
            $(#[test] fn $name() {
                crate::hosts::on_the_wire(async |a, b| crate::promises::$name(a, b, stringify!($name)).await);
            })+
        }
        mod moto {
            $(#[test] fn $name() {
                crate::hosts::moto(async |a, b| crate::promises::$name(a, b, stringify!($name)).await);
            })+
        }
    };
}

promises!(
    what_was_never_saved_is_absent,
    a_lease_is_exclusive_until_it_ends,
    its_holder_may_renew_a_lease,
    a_lease_given_back_is_free_at_once,
    a_stale_holder_saves_nothing,
    a_holder_that_took_the_lease_again_is_not_the_one_that_it_was,
    a_save_reads_back_whole,
    a_save_can_give_the_lease_back,
    saves_under_one_lease_follow_each_other,
    a_refused_save_leaves_no_part_of_it,
    an_item_over_32_kb_is_refused_by_its_name,
    a_save_of_too_many_items_is_refused_whole,
    entries_come_in_order_newest_within_the_limit,
    entries_of_one_release_are_told_from_the_others,
    the_index_holds_what_is_in_flight_and_nothing_else,
    every_application_is_listed,
    a_release_is_found_running_and_ended,
    a_token_is_the_same_release_for_ever,
    a_token_of_what_waits_is_kept_with_its_entry,
    a_fleet_of_a_release_is_known_from_its_start_and_its_tags_once_it_was_rejected,
    many_fleets_are_asked_for_at_once,
    names_are_data,
);
