//! The linter complains about broken plans, and about nothing else.
