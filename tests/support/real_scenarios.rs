//! Scenarios over real traces.
