//! How the process is: what its readiness says, as numbers that an alert can wait on.

use prometheus::{IntGauge, IntGaugeVec, Opts, Registry};

use super::metrics::register;

/// Families of the process's condition.
pub(crate) struct ConditionMetrics {
    /// `ready`: 1 while requests should be sent here, as `/health/ready` says.
    pub ready: IntGauge,
    /// `config_refused`: 1 while the files as they are now were refused.
    pub config_refused: IntGauge,
    /// `config_pending_restart`: settings that wait for a restart.
    pub config_pending_restart: IntGauge,
    certificate_expires_at: IntGaugeVec,
    not_working: IntGaugeVec,
}

impl ConditionMetrics {
    pub(super) fn register(registry: &Registry) -> Self {
        let gauge = |name: &str, help: &str| register(registry, IntGauge::new(name, help));
        let gauges = |name: &str, help: &str, labels: &[&str]| {
            register(registry, IntGaugeVec::new(Opts::new(name, help), labels))
        };
        Self {
            ready: gauge("bitrix_id_ready", "1 while requests should be sent here."),
            config_refused: gauge(
                "bitrix_id_config_refused",
                "1 while the files as they are now were refused.",
            ),
            config_pending_restart: gauge(
                "bitrix_id_config_pending_restart",
                "Settings of the files that wait for a restart.",
            ),
            // Without labels, but a family: there is no number while there are no certificates.
            certificate_expires_at: gauges(
                "bitrix_id_certificate_expiry_timestamp_seconds",
                "When the first of the certificates in force expires, Unix time.",
                &[],
            ),
            not_working: gauges(
                "bitrix_id_not_working",
                "1 while a part does not work, by the words of readiness and log.",
                &["what"],
            ),
        }
    }

    /// Says whether a part works. `what` is of a fixed list.
    pub(crate) fn works(&self, what: &'static str, works: bool) {
        self.not_working.with_label_values(&[what]).set(i64::from(!works));
    }

    /// When the first certificate expires, Unix seconds; `None` without TLS.
    pub(crate) fn certificate_expires(&self, at: Option<i64>) {
        match at {
            Some(at) => self.certificate_expires_at.with_label_values(&[] as &[&str]).set(at),
            None => self.certificate_expires_at.reset(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::telemetry::Metrics;

    #[test]
    fn what_stops_working_is_1_and_0_again_when_it_works() {
        let metrics = Metrics::new();
        let line = |value| format!("bitrix_id_not_working{{what=\"the directory\"}} {value}");
        metrics.condition.works("the directory", false);
        assert!(metrics.render().contains(&line(1)));
        metrics.condition.works("the directory", true);
        assert!(metrics.render().contains(&line(0)));
    }

    #[test]
    fn without_certificates_none_expires() {
        let metrics = Metrics::new();
        let name = "bitrix_id_certificate_expiry_timestamp_seconds ";
        metrics.condition.certificate_expires(Some(1_769_847_330));
        assert!(metrics.render().contains(&format!("\n{name}1769847330\n")));
        metrics.condition.certificate_expires(None);
        assert!(!metrics.render().lines().any(|line| line.starts_with(name)));
    }
}
