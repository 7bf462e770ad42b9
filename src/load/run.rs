//! A run from its start to its report, the same for every side.

use std::rc::Rc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::engine::Engine;
use super::plan::Plan;
use super::report::Report;
use super::shared::{Metronome, Shared};
use super::template::BadTemplate;
use super::watch::{NotWatched, Watch, check};

/// Interval of the checks that nothing else wakes.
const CHECK: Duration = Duration::from_millis(50);
/// Checks between two samples of watched processes, and between two lines of progress.
const CHECKS_PER_SAMPLE: u32 = 10;
const CHECKS_PER_LINE: u32 = 20;

/// The run could not start.
#[derive(Debug, thiserror::Error)]
pub enum NotRun {
    #[error(transparent)]
    Template(#[from] BadTemplate),
    #[error(transparent)]
    Watch(#[from] NotWatched),
    #[error("histogram: {0}")]
    Histogram(#[from] hdrhistogram::CreationError),
    #[error(transparent)]
    Socket(#[from] std::io::Error),
    #[error("name, password or short code: {0}")]
    Identity(#[from] crate::smpp::octets::InvalidOctets),
    #[error("the bind was refused: {0}")]
    Refused(crate::smpp::CommandStatus),
}

/// Outputs and inputs of a run while it goes on.
pub struct Control<'a> {
    /// Takes a line of progress each second; `None` for no progress.
    pub progress: Option<&'a dyn Fn(&str)>,
    /// Ends the run; the report is of what happened until then.
    pub stop: CancellationToken,
}

/// Prepares a run.
pub(super) fn prepare(plan: Plan) -> Result<Rc<Shared>, NotRun> {
    check(&plan.watched)?;
    Ok(Rc::new(Shared::new(Engine::new(plan)?)))
}

/// Lets the sessions send from now on, until everything is replied to or nothing happens any more; returns the report.
pub(super) async fn supervise(shared: &Shared, control: &Control<'_>) -> Result<Report, NotRun> {
    let (pace, watched, linger, warm_up) = {
        let plan = &shared.engine().plan;
        (plan.pace, plan.watched.clone(), plan.linger, plan.warm_up)
    };
    let mut watch = Watch::start(&watched);
    shared.engine().start(shared.now());
    let metronome = Metronome::start(pace, shared.hungry.clone())?;
    shared.pass_on(shared.now());
    let mut checks = interval(CHECK);
    checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut number = 0_u32;
    loop {
        tokio::select! {
            () = shared.progress.notified() => {}
            () = control.stop.cancelled() => break,
            _ = checks.tick() => number = number.wrapping_add(1),
        }
        let now = shared.now();
        if std::mem::take(&mut shared.engine().begins) && warm_up > 0 {
            watch = Watch::start(&watched);
        }
        if number.is_multiple_of(CHECKS_PER_SAMPLE) {
            watch.sample();
        }
        if number.is_multiple_of(CHECKS_PER_LINE) {
            tell(shared, control);
        }
        shared.pass_on(now);
        if shared.engine().is_done(now) || shared.engine().is_stuck(now) {
            break;
        }
    }
    drop(metronome);
    tell(shared, control);
    watch.sample();
    // A reply that comes twice comes twice soon.
    let _slept = control.stop.run_until_cancelled(tokio::time::sleep(linger)).await;
    let engine = shared.engine();
    let report = engine.tally.report(engine.missing());
    Ok(Report { own_cpu_seconds: watch.own_cpu_seconds(), watched: watch.usage(), ..report })
}

fn tell(shared: &Shared, control: &Control<'_>) {
    let Some(progress) = control.progress else { return };
    let engine = shared.engine();
    let (told, open) = (engine.tally.progress(), engine.open);
    progress(&format!("{} sent, {} answered, {} replied, {open} in flight", told.sent, told.answered, told.replied));
}
