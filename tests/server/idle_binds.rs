//! Sessions that are bound and idle cost little memory: a thousand at most 64 MiB (`cargo bench --bench binds` has the
//! figures of a release build).

use testkit::idle;

/// As many as fit the usual limit of 1,024 descriptors, here and in the server.
const BINDS: u64 = 400;
/// 64 MiB for a thousand.
const KIB_A_BIND_MAX: u64 = 64 * 1024 / 1_000;

#[test]
fn idle_sessions_cost_little_memory() {
    let measured = idle::binds(BINDS);
    let (cost, most) = (measured.cost_kib(), measured.binds * KIB_A_BIND_MAX);
    let [before, bound, again] = [measured.before_kib, measured.bound_kib, measured.idle_again_kib];
    assert!(
        cost <= most,
        "{BINDS} sessions cost {cost} KiB of {most}: {before} before, {bound} bound, {again} idle again"
    );
}
