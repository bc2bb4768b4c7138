//! Some attacks of `make attack`, shortened: the server runs on, and all others are answered.
//!
//! Not a measurement: `make attack` judges times. Invariant: no verdict here depends on a time.

use integration::attack::options::Options;
use integration::attack::{ATTACKS, run};

/// Far beyond the times of a busy machine.
const TIMES: f64 = 1e6;

/// Carries one attack out for a second.
async fn play(name: &str) {
    let attack = ATTACKS.into_iter().find(|attack| attack.name == name).expect("there is one");
    let only = vec![attack];
    let options = Options { only, seconds: 1, recovery: 0, memory_mib: 4096, times: TIMES };
    let outcome = run(attack, &options).await;
    assert!(!outcome.answers().is_empty(), "{name} has sent nothing");
    assert_eq!(outcome.findings(TIMES), Vec::<String>::new(), "{name}: {}", outcome.answers());
}

macro_rules! attacks {
    ($($test:ident: $name:literal,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                play($name).await;
            }
        )*
    };
}

attacks! {
    made_up_tokens: "made-up-tokens",
    insert_columns: "insert-columns",
    sessions: "sessions",
}
