//! Accounts: sign up, sign in, sign out, who am I; passwords, names and tokens.
//!
//! It stores no token. Invariant: a client without a token stays so; signing in returns another client.

use gridloom::v1;

use crate::net::client::Client;
use crate::net::error::Error;

/// What a server without locales does.
const EARLIER: &str = "keeps no locale of an account; give it to each command";

impl Client {
    /// Makes an account and returns this client with its token. `display_name` may be empty.
    ///
    /// # Errors
    /// [`Error::Refused`]: the address is taken or malformed, the password is short or easy to guess, the server takes no
    /// account without an invitation. [`Error::Unconfirmed`]: the address has to be confirmed, by the link in a letter.
    pub async fn sign_up(
        &self,
        email: &str,
        password: &str,
        display_name: &str,
    ) -> Result<(Self, v1::Session), Error> {
        self.sign_up_invited(email, password, display_name, "").await
    }

    /// The same by the link of an invitation, or by its token.
    ///
    /// # Errors
    /// As for [`Client::sign_up`]; [`Error::Refused`] also for an invitation that does not fit.
    pub async fn sign_up_invited(
        &self,
        email: &str,
        password: &str,
        display_name: &str,
        invitation: &str,
    ) -> Result<(Self, v1::Session), Error> {
        let request = v1::SignUpRequest {
            email: email.to_owned(),
            password: password.to_owned(),
            display_name: display_name.to_owned(),
            invitation: invitation.to_owned(),
        };
        let answer = self.accounts().sign_up(request).await?.into_inner();
        if answer.confirms_email {
            return Err(Error::Unconfirmed);
        }
        self.signed_in(answer.session.unwrap_or_default())
    }

    /// What the server allows to persons without an account.
    ///
    /// # Errors
    /// [`Error::Refused`], when the server does not answer.
    pub async fn server_settings(&self) -> Result<v1::GetServerSettingsResponse, Error> {
        let request = v1::GetServerSettingsRequest {};
        Ok(self.accounts().get_server_settings(request).await?.into_inner())
    }

    /// Confirms the address of a new account by its link, or by the token of the link, and by the account's password.
    ///
    /// # Errors
    /// [`Error::Refused`]: the link is of another server, used or expired; the password is wrong.
    pub async fn confirm_email(&self, link: &str, password: &str) -> Result<(), Error> {
        let request =
            v1::ConfirmEmailRequest { token: link.to_owned(), password: password.to_owned() };
        self.accounts().confirm_email(request).await?;
        Ok(())
    }

    /// Deletes the account, by as many calls as its sheets take. An account that owns sheets needs an answer for them: `delete_sheets`, or the address of an
    /// account that has opened each of them.
    ///
    /// # Errors
    /// See `DeleteAccount` in `accounts.proto`.
    pub async fn delete_account(
        &self,
        password: &str,
        delete_sheets: bool,
        transfer_to: &str,
    ) -> Result<(), Error> {
        let (password, transfer_to) = (password.to_owned(), transfer_to.to_owned());
        let request = v1::DeleteAccountRequest { password, delete_sheets, transfer_to };
        loop {
            match self.accounts().delete_account(request.clone()).await.map_err(Error::from) {
                Err(Error::Refused(part)) if part.reason.as_deref() == Some("SHEETS_LEFT") => {}
                other => return other.map(drop),
            }
        }
    }

    /// Returns this client with a new token; the old one ends five minutes later.
    ///
    /// # Errors
    /// [`Error::Refused`]: the client has no valid token, or its sign-in is too old.
    pub async fn renew_token(&self) -> Result<(Self, v1::Session), Error> {
        let answer = self.accounts().renew_token(v1::RenewTokenRequest {}).await?.into_inner();
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

    /// Revokes this client's token, and the other tokens of its sign-in.
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

    /// The limits of the server, with those of the account, and what the server can do.
    ///
    /// # Errors
    /// [`Error::Refused`]: the client has no valid token.
    pub async fn limits(&self) -> Result<v1::Limits, Error> {
        Ok(self.usage().await?.limits.unwrap_or_default())
    }

    /// Revokes every token of the account, also this client's.
    ///
    /// # Errors
    /// [`Error::Refused`]: the token is not valid.
    pub async fn sign_out_everywhere(&self) -> Result<(), Error> {
        self.accounts().sign_out_everywhere(v1::SignOutEverywhereRequest {}).await?;
        Ok(())
    }

    /// Sets another password. Every other token of the account ends.
    ///
    /// # Errors
    /// [`Error::Refused`]: the old password is another one, or the new one breaks a rule.
    pub async fn change_password(&self, old: &str, new: &str) -> Result<(), Error> {
        let (old_password, new_password) = (old.to_owned(), new.to_owned());
        let request = v1::ChangePasswordRequest { old_password, new_password };
        self.accounts().change_password(request).await?;
        Ok(())
    }

    /// Sets the name that others see.
    ///
    /// # Errors
    /// [`Error::Refused`]: the name breaks a rule.
    pub async fn rename_account(&self, display_name: &str) -> Result<v1::Account, Error> {
        let display_name = display_name.to_owned();
        self.update_account(v1::UpdateAccountRequest { display_name, ..Default::default() }).await
    }

    /// Sets the color that others see.
    ///
    /// # Errors
    /// [`Error::Refused`]: the token is not valid.
    pub async fn set_account_color(&self, color: v1::AccountColor) -> Result<v1::Account, Error> {
        let color = Some(color.into());
        self.update_account(v1::UpdateAccountRequest { color, ..Default::default() }).await
    }

    /// Sets the language tag by which programs read and write numbers and days for the account; empty: by no language.
    ///
    /// # Errors
    /// [`Error::Refused`]: it is no tag of a known language. [`Error::EarlierServer`].
    pub async fn set_account_locale(&self, locale: &str) -> Result<v1::Account, Error> {
        // With the color: a server of an earlier release would reset a name without it.
        let account = self.who_am_i().await?.account.unwrap_or_default();
        let (color, locale) = (Some(account.color), Some(locale.to_owned()));
        let request = v1::UpdateAccountRequest { color, locale, ..Default::default() };
        let account = self.update_account(request).await?;
        if account.locale.is_none() { Err(Error::EarlierServer(EARLIER)) } else { Ok(account) }
    }

    async fn update_account(
        &self,
        request: v1::UpdateAccountRequest,
    ) -> Result<v1::Account, Error> {
        let answer = self.accounts().update_account(request).await?.into_inner();
        Ok(answer.account.unwrap_or_default())
    }

    /// The valid tokens of the account, the last used one first.
    ///
    /// # Errors
    /// [`Error::Refused`]: the token is not valid.
    pub async fn tokens(&self) -> Result<Vec<v1::TokenInfo>, Error> {
        Ok(self.accounts().list_tokens(v1::ListTokensRequest {}).await?.into_inner().tokens)
    }

    /// Revokes another token of the account.
    ///
    /// # Errors
    /// [`Error::Refused`]: no such token, or this client's own.
    pub async fn revoke_token(&self, id: &str) -> Result<(), Error> {
        self.accounts().revoke_token(v1::RevokeTokenRequest { id: id.to_owned() }).await?;
        Ok(())
    }

    /// Asks for a link by which the owner of an account sets a new password. The answer does not show whether the
    /// address has an account.
    ///
    /// # Errors
    /// [`Error::Refused`]: the address is malformed, or there were too many requests.
    pub async fn request_password_reset(
        &self,
        email: &str,
    ) -> Result<v1::RequestPasswordResetResponse, Error> {
        let request = v1::RequestPasswordResetRequest { email: email.to_owned() };
        Ok(self.accounts().request_password_reset(request).await?.into_inner())
    }

    /// Sets a new password by the token of a link, or by the link. Every token of the account ends.
    ///
    /// # Errors
    /// [`Error::Refused`]: the link is used, expired or no link of this server, or the password breaks a rule.
    pub async fn reset_password(&self, token: &str, new_password: &str) -> Result<(), Error> {
        let (token, new_password) = (token.to_owned(), new_password.to_owned());
        self.accounts().reset_password(v1::ResetPasswordRequest { token, new_password }).await?;
        Ok(())
    }

    fn signed_in(&self, session: v1::Session) -> Result<(Self, v1::Session), Error> {
        Ok((self.with_token(&session.token)?, session))
    }
}
