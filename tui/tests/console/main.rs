//! The console from outside: events in, commands and screens out.

mod decisions;
mod drive;
mod properties;
mod sample;
mod screens;
