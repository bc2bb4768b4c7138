//! Accounts: sign up, sign in, sign out, who am I.
//!
//! It stores no token. Invariant: a client without a token stays so; signing in returns another client.

use gridloom::v1;

use crate::net::client::Client;
use crate::net::error::Error;

impl Client {
    /// Makes an account and returns this client with its token. `display_name` may be empty.
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

    /// Signs in to an account and returns this client with its token.
    ///
    /// # Errors
    /// [`Error::Refused`]: the address or the password is wrong, or there were too many attempts.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<(Self, v1::Session), Error> {
        let request = v1::SignInRequest { email: email.to_owned(), password: password.to_owned() };
        let answer = self.accounts().sign_in(request).await?.into_inner();
        self.signed_in(answer.session.unwrap_or_default())
    }

    /// Revokes this client's token.
    ///
    /// # Errors
    /// [`Error::Refused`]: the token is not valid.
    pub async fn sign_out(&self) -> Result<(), Error> {
        self.accounts().sign_out(v1::SignOutRequest {}).await?;
        Ok(())
    }

    /// The account of this client's token, and the end of its validity.
    ///
    /// # Errors
    /// [`Error::Refused`]: the client has no valid token.
    pub async fn who_am_i(&self) -> Result<v1::WhoAmIResponse, Error> {
        Ok(self.accounts().who_am_i(v1::WhoAmIRequest::default()).await?.into_inner())
    }

    /// The same with the usage of the account and the limits of the server.
    ///
    /// # Errors
    /// [`Error::Refused`]: the client has no valid token.
    pub async fn usage(&self) -> Result<v1::WhoAmIResponse, Error> {
        Ok(self.accounts().who_am_i(v1::WhoAmIRequest { usage: true }).await?.into_inner())
    }

    fn signed_in(&self, session: v1::Session) -> Result<(Self, v1::Session), Error> {
        Ok((self.with_token(&session.token)?, session))
    }
}
