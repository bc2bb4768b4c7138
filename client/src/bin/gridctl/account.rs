//! Signing up, in and out.

use std::io::{BufRead, Write};

use client::{Client, Error};
use tonic::Code;

use crate::args::{PasswordSource, SignIn, SignUp};
use crate::failure::Failure;
use crate::{credentials, output, signed_in};

pub(crate) async fn sign_up(server: &str, args: SignUp) -> Result<(), Failure> {
    let client = Client::connect(server).await?;
    let password = password(&args.password, true)?;
    let (_, session) = client.sign_up(&args.email, &password, &args.name).await?;
    credentials::keep(server, &session.token)?;
    output::complain(&format!("signed up and in as {}", args.email));
    Ok(())
}

pub(crate) async fn sign_in(server: &str, args: SignIn) -> Result<(), Failure> {
    let client = Client::connect(server).await?;
    let password = password(&args.password, false)?;
    let session = match client.sign_in(&args.email, &password).await {
        Ok((_, session)) => session,
        // The usual hint, to sign in, would be of no help here.
        Err(error) if error.code() == Some(Code::Unauthenticated) => {
            return Err(Failure::Told(format!("{error}; `gridctl sign-up` makes an account")));
        }
        Err(error) => return Err(error.into()),
    };
    credentials::keep(server, &session.token)?;
    output::complain(&format!("signed in as {}", args.email));
    Ok(())
}

pub(crate) async fn sign_out(server: &str) -> Result<(), Failure> {
    let client = signed_in(server).await?;
    let ended = client.sign_out().await;
    credentials::forget(server)?;
    match ended {
        // A token that has ended already is as good as signed out.
        Err(Error::Refused(refusal)) if refusal.code == Code::Unauthenticated => Ok(()),
        ended => Ok(ended?),
    }
}

pub(crate) async fn who_am_i(server: &str) -> Result<(), Failure> {
    let answer = signed_in(server).await?.who_am_i().await?;
    let account = answer.account.unwrap_or_default();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}\t{}\t{}", account.email, account.display_name, account.id)?;
    Ok(())
}

/// The password from where the person chose: standard input, the environment, or a prompt.
fn password(source: &PasswordSource, twice: bool) -> Result<String, Failure> {
    let unreadable = |cause| Failure::Told(format!("cannot read the password: {cause}"));
    if source.password_stdin {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map_err(unreadable)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    if let Ok(password) = std::env::var("GRIDLOOM_PASSWORD") {
        return Ok(password);
    }
    let no_terminal = |cause| {
        Failure::Told(format!(
            "cannot ask for the password ({cause}); use --password-stdin or GRIDLOOM_PASSWORD"
        ))
    };
    let password = rpassword::prompt_password("Password: ").map_err(no_terminal)?;
    if twice && rpassword::prompt_password("Once more: ").map_err(no_terminal)? != password {
        return Err(Failure::Told("the two passwords differ; nothing was done".to_owned()));
    }
    Ok(password)
}
