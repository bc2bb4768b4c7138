//! Conversions between wire messages and engine types.
