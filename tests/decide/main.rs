//! The decide stage from outside: the whole stage table, its properties, and each rule that has figures.

mod accept;
mod change;
mod detection;
mod floors;
mod gates;
mod links;
mod pace;
mod plan;
mod properties;
mod queue;
mod rollback;
mod rows;
mod scene;
mod setting;
mod stage_table;
mod start;
mod takeover;
mod town;
mod turns;
mod unknowns;
mod verdict;
mod waiting;
