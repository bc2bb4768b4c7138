//! Accounts: signing up, in and out, and the token that every call carries.

use std::fmt;

use gridloom::v1;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::{Request, Status};

use super::{Client, Error};

/// Puts `authorization: Bearer TOKEN` on each request, once somebody is signed in.
#[derive(Clone, Default)]
pub struct Bearer {
    header: Option<MetadataValue<Ascii>>,
}

impl Bearer {
    fn new(token: &str) -> Result<Self, Error> {
        let mut header: MetadataValue<Ascii> =
            format!("Bearer {token}").parse().map_err(|_| Error::Token)?;
        header.set_sensitive(true);
        Ok(Self { header: Some(header) })
    }
}

/// Tells whether there is a token, never which.
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

impl Client {
    /// Makes an account and gives this client signed in to it. `display_name` may be empty.
    ///
    /// # Errors
    /// [`Error::Refused`]: the address is taken or malformed, the password too short.
    pub async fn sign_up(
        &self,
        email: &str,
        password: &str,
        display_name: &str,
    ) -> Result<(Self, v1::Session), Error> {
        let request = v1::SignUpRequest {
            email: email.to_owned(),
            password: password.to_owned(),
            display_name: display_name.to_owned(),
        };
        let answer = self.accounts().sign_up(request).await?.into_inner();
        self.signed_in(answer.session.unwrap_or_default())
    }

    /// Signs in to an account; gives this client with the new token.
    ///
    /// # Errors
    /// [`Error::Refused`]: the address or the password is wrong, or there were too many attempts.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<(Self, v1::Session), Error> {
        let request = v1::SignInRequest { email: email.to_owned(), password: password.to_owned() };
        let answer = self.accounts().sign_in(request).await?.into_inner();
        self.signed_in(answer.session.unwrap_or_default())
    }

    /// This client with a token that was kept from an earlier sign-in.
    ///
    /// # Errors
    /// [`Error::Token`] when it can't be one.
    pub fn with_token(&self, token: &str) -> Result<Self, Error> {
        Ok(Self { bearer: Bearer::new(token)?, ..self.clone() })
    }

    /// Ends this client's token.
    ///
    /// # Errors
    /// [`Error::Refused`]: it was not valid.
    pub async fn sign_out(&self) -> Result<(), Error> {
        self.accounts().sign_out(v1::SignOutRequest {}).await?;
        Ok(())
    }

    /// Tells whose token this client has, and when it ends.
    ///
    /// # Errors
    /// [`Error::Refused`]: nobody is signed in.
    pub async fn who_am_i(&self) -> Result<v1::WhoAmIResponse, Error> {
        Ok(self.accounts().who_am_i(v1::WhoAmIRequest {}).await?.into_inner())
    }

    fn signed_in(&self, session: v1::Session) -> Result<(Self, v1::Session), Error> {
        Ok((self.with_token(&session.token)?, session))
    }
}
