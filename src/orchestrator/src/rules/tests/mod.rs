//! Each detector fires on its pattern, and on none of its near misses.

mod addresses;
mod advice;
mod balance;
mod connections;
mod documentation;
mod gateways;
mod storage;
