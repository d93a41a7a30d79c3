//! The decide stage from outside: the whole stage table, its properties, and each rule that has figures.

mod accept;
mod change;
mod floors;
mod gates;
mod pace;
mod properties;
mod rows;
mod scene;
mod setting;
mod stage_table;
mod turns;
mod verdict;
