//! The decide stage from outside: the whole stage table, its properties, and each rule that has figures.

mod accept;
mod rows;
mod scene;
mod stage_table;
