//! Why a person could not be identified.
//!
//! Not the sentence for that person: the caller writes it. Invariant: no error names a code, a token or the client's
//! secret.

use thiserror::Error;

/// Why a person could not be identified.
#[derive(Debug, Error)]
pub enum OidcError {
    /// The provider can't be reached, or answers that it is out of order; the text is for the operator.
    #[error("{0}")]
    Away(String),
    /// The provider refuses the code: it was used, has expired, or is another client's.
    #[error("the provider refuses the code: {0}")]
    CodeRefused(String),
    /// The provider and the settings do not fit, or its answer can't be read; the text is for the operator.
    #[error("{0}")]
    Misfit(String),
    /// The ID token is not valid.
    #[error("the ID token is refused: {0}")]
    Token(#[from] TokenFault),
}

/// What is wrong with an ID token.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum TokenFault {
    /// It is no signed token with the claims of an ID token.
    #[error("it has not the form of an ID token")]
    Form,
    /// It is signed by an algorithm that proves nothing, or that this client does not know.
    #[error("its algorithm is not RS, PS or ES with 256 or 384 bits, RS512, PS512, or EdDSA")]
    Algorithm,
    /// The provider has no such key.
    #[error("no key of the provider fits it")]
    Key,
    /// The signature is wrong.
    #[error("its signature is wrong")]
    Signature,
    /// Another issuer made it.
    #[error("another issuer made it")]
    Issuer,
    /// It is for another client.
    #[error("it is for another client")]
    Audience,
    /// It belongs to another sign-in.
    #[error("its nonce is another one")]
    Nonce,
    /// It has expired, by the clock of this machine.
    #[error("it has expired; compare the clocks of this machine and of the provider")]
    Expired,
    /// It is not valid yet, by the clock of this machine.
    #[error("it is from the future; compare the clocks of this machine and of the provider")]
    Early,
    /// The person was to sign in again, and the provider has used an earlier sign-in.
    #[error("the person has not signed in again")]
    NotFresh,
}
