//! Many knocks at the same moment.

use futures_util::future::join_all;
use serde_json::json;

use crate::judge;
use crate::stand::{LOOKS, PAUSE, Stand, check, sweep};

/// Six processes at once, again and again, from the moment green is there: one acts, the others wait, find nothing to do or say `Busy`.
/// One release comes of it, and each write is sent once.
#[tokio::test]
async fn six_invocations_at_once_send_each_write_once() {
    let stand = Stand::new().await;
    stand.create_green();
    let knocks = [sweep(), check(), sweep(), check(), sweep(), check()];
    for round in 0.. {
        assert!(round < LOOKS, "never ended");
        let answers = join_all(knocks.iter().map(|knock| stand.lambda.invoke(knock))).await;
        for error in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            // There is nothing to check before the first sweep has begun it.
            assert!(error.kind == "Busy" || (error.kind == "NotFound" && round == 0), "{error}");
        }
        if answers.iter().flatten().any(|report| report["next_check_seconds"] == json!(0)) {
            break;
        }
        // Rounds that find nothing to do take milliseconds; what is waited for takes seconds.
        tokio::time::sleep(PAUSE).await;
    }
    assert!(stand.lambda.pids().len() >= 6, "they ran at once");
    judge::released(&stand).await;
}
