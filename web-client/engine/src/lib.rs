//! web-engine
