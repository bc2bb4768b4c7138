//! The token that every call carries.
//!
//! It obtains no token; signing in does. Invariant: no debug output shows the token.

use std::fmt;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::{Request, Status};

use super::error::Error;

/// Adds `authorization: Bearer TOKEN` to each request, when there is a token.
#[derive(Clone, Default)]
pub struct Bearer {
    header: Option<MetadataValue<Ascii>>,
}

impl Bearer {
    pub(super) fn new(token: &str) -> Result<Self, Error> {
        let mut header: MetadataValue<Ascii> =
            format!("Bearer {token}").parse().map_err(|_| Error::Token)?;
        header.set_sensitive(true);
        Ok(Self { header: Some(header) })
    }
}

/// Shows only whether there is a token.
impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.header.is_some() { "Bearer(..)" } else { "Bearer(none)" })
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(header) = &self.header {
            request.metadata_mut().insert("authorization", header.clone());
        }
        Ok(request)
    }
}
