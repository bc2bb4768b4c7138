//! The calls of the account service: the identity, the request, and the answer.
//!
//! Not what a call does: each is a method of [`Accounts`]. Invariant: every call that is not public reads its identity
//! first.

use std::net::IpAddr;

use gridloom::v1;
use gridloom::v1::account_service_server::AccountService;
use http::header::SET_COOKIE;
use tonic::{Request, Response, Status};

use super::provider::Caller;
use super::{Accounts, to_wire};
use crate::config::SignUpRule;
use crate::edge::auth::Identity;
use crate::edge::errors::ServiceError;
use crate::service::device;

#[tonic::async_trait]
impl AccountService for Accounts {
    async fn sign_up(
        &self,
        request: Request<v1::SignUpRequest>,
    ) -> Result<Response<v1::SignUpResponse>, Status> {
        let (peer, device) = (peer(&request), device::name(request.metadata()));
        Ok(Response::new(self.register(request.into_inner(), peer, &device).await?))
    }

    async fn sign_in(
        &self,
        request: Request<v1::SignInRequest>,
    ) -> Result<Response<v1::SignInResponse>, Status> {
        let peer = peer(&request);
        let device = device::name(request.metadata());
        let session = Some(self.check(request.into_inner(), peer, &device).await?);
        Ok(Response::new(v1::SignInResponse { session }))
    }

    async fn sign_out(
        &self,
        request: Request<v1::SignOutRequest>,
    ) -> Result<Response<v1::SignOutResponse>, Status> {
        self.end_sign_in(&Identity::of(&request)?).await?;
        Ok(Response::new(v1::SignOutResponse {}))
    }

    async fn who_am_i(
        &self,
        request: Request<v1::WhoAmIRequest>,
    ) -> Result<Response<v1::WhoAmIResponse>, Status> {
        let identity = Identity::of(&request)?;
        let account = self.auth.account(&identity).await?;
        let usage = match request.get_ref().usage {
            true => Some(self.quotas.usage(identity.account).await?),
            false => None,
        };
        let limits = usage.is_some().then(|| self.roles.registry.shared().wire_limits());
        Ok(Response::new(v1::WhoAmIResponse {
            account: Some(to_wire(&account)),
            expires_micros: identity.expires_micros,
            usage: usage.map(|(bytes, sheets)| v1::Usage { bytes, sheets }),
            limits,
            sends_mail: self.mail.is_sent,
            operator_contact: self.mail.operator_contact.clone(),
            has_password: !account.password_hash.is_empty(),
        }))
    }

    async fn sign_out_everywhere(
        &self,
        request: Request<v1::SignOutEverywhereRequest>,
    ) -> Result<Response<v1::SignOutEverywhereResponse>, Status> {
        self.end_all_tokens(&Identity::of(&request)?).await?;
        Ok(Response::new(v1::SignOutEverywhereResponse {}))
    }

    async fn change_password(
        &self,
        request: Request<v1::ChangePasswordRequest>,
    ) -> Result<Response<v1::ChangePasswordResponse>, Status> {
        let identity = Identity::of(&request)?;
        let peer = peer(&request);
        self.replace_password(&identity, request.into_inner(), peer).await?;
        Ok(Response::new(v1::ChangePasswordResponse {}))
    }

    async fn update_account(
        &self,
        request: Request<v1::UpdateAccountRequest>,
    ) -> Result<Response<v1::UpdateAccountResponse>, Status> {
        let identity = Identity::of(&request)?;
        let account = Some(self.update(&identity, request.into_inner()).await?);
        Ok(Response::new(v1::UpdateAccountResponse { account }))
    }

    async fn list_tokens(
        &self,
        request: Request<v1::ListTokensRequest>,
    ) -> Result<Response<v1::ListTokensResponse>, Status> {
        let tokens = self.tokens(&Identity::of(&request)?).await?;
        Ok(Response::new(v1::ListTokensResponse { tokens }))
    }

    async fn revoke_token(
        &self,
        request: Request<v1::RevokeTokenRequest>,
    ) -> Result<Response<v1::RevokeTokenResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.revoke(&identity, &request.get_ref().id).await?;
        Ok(Response::new(v1::RevokeTokenResponse {}))
    }

    async fn request_password_reset(
        &self,
        request: Request<v1::RequestPasswordResetRequest>,
    ) -> Result<Response<v1::RequestPasswordResetResponse>, Status> {
        let peer = peer(&request);
        Ok(Response::new(self.request_reset(request.into_inner(), peer).await?))
    }

    async fn reset_password(
        &self,
        request: Request<v1::ResetPasswordRequest>,
    ) -> Result<Response<v1::ResetPasswordResponse>, Status> {
        let peer = peer(&request);
        self.set_password(request.into_inner(), peer).await?;
        Ok(Response::new(v1::ResetPasswordResponse {}))
    }

    async fn confirm_email(
        &self,
        request: Request<v1::ConfirmEmailRequest>,
    ) -> Result<Response<v1::ConfirmEmailResponse>, Status> {
        let peer = peer(&request);
        self.confirm(request.into_inner(), peer).await?;
        Ok(Response::new(v1::ConfirmEmailResponse {}))
    }

    async fn delete_account(
        &self,
        request: Request<v1::DeleteAccountRequest>,
    ) -> Result<Response<v1::DeleteAccountResponse>, Status> {
        let (identity, peer) = (Identity::of(&request)?, peer(&request));
        self.delete(&identity, request.into_inner(), peer).await?;
        Ok(Response::new(v1::DeleteAccountResponse {}))
    }

    async fn get_server_settings(
        &self,
        _: Request<v1::GetServerSettingsRequest>,
    ) -> Result<Response<v1::GetServerSettingsResponse>, Status> {
        let sign_up = match self.rule {
            SignUpRule::Open => v1::SignUpRule::Open,
            SignUpRule::Invited => v1::SignUpRule::Invited,
            SignUpRule::Closed => v1::SignUpRule::Closed,
        };
        Ok(Response::new(v1::GetServerSettingsResponse {
            sign_up: sign_up.into(),
            confirms_email: self.confirmation.is_asked(),
            sends_mail: self.mail.is_sent,
            operator_contact: self.mail.operator_contact.clone(),
            provider_name: self
                .provider
                .as_ref()
                .map(|it| it.name().to_owned())
                .unwrap_or_default(),
        }))
    }

    async fn begin_provider_sign_in(
        &self,
        request: Request<v1::BeginProviderSignInRequest>,
    ) -> Result<Response<v1::BeginProviderSignInResponse>, Status> {
        let peer = peer(&request);
        let (answer, cookie) = self.begin_provider(request.into_inner(), peer).await?;
        with_cookie(answer, &cookie)
    }

    async fn finish_provider_sign_in(
        &self,
        request: Request<v1::FinishProviderSignInRequest>,
    ) -> Result<Response<v1::FinishProviderSignInResponse>, Status> {
        let secret = self.provider()?.secret(request.metadata(), &self.key);
        let (peer, device) = (peer(&request), device::name(request.metadata()));
        let caller = Caller { secret, peer, device };
        let (answer, cookie) = self.finish_provider(request.into_inner(), caller).await?;
        with_cookie(answer, &cookie)
    }

    async fn renew_token(
        &self,
        request: Request<v1::RenewTokenRequest>,
    ) -> Result<Response<v1::RenewTokenResponse>, Status> {
        let identity = Identity::of(&request)?;
        let device = device::name(request.metadata());
        let session = Some(self.renew(&identity, &device).await?);
        Ok(Response::new(v1::RenewTokenResponse { session }))
    }
}

/// An answer that sets a cookie of the browser.
fn with_cookie<T>(answer: T, cookie: &str) -> Result<Response<T>, Status> {
    let mut response = Response::new(answer);
    let cookie = cookie.parse().map_err(ServiceError::internal)?;
    response.metadata_mut().insert(SET_COOKIE.as_str(), cookie);
    Ok(response)
}

/// The address of the caller.
fn peer<T>(request: &Request<T>) -> Option<IpAddr> {
    request.remote_addr().map(|address| address.ip())
}
