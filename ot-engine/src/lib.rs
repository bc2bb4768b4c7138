//! ot-engine
