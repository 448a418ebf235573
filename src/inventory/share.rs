//! A stable share of the hosts, for one of several controllers.

use sha2::{Digest, Sha256};

use crate::error::{Error, Kind, Result};

/// Which share of how many. A host belongs to the one that a hash of its name says, so that it is the
/// same in every run, whatever stands beside it in the inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Which, from 1.
    pub number: u32,
    /// Of how many.
    pub of: u32,
}

impl Share {
    /// The share that a text like `2/8` names.
    ///
    /// # Errors
    /// It names none.
    pub fn parse(text: &str) -> Result<Share> {
        let wrong = || {
            Error::new(Kind::Options, format!("`{text}` is not a share of hosts"))
                .hint("the second of eight shares is `2/8`")
        };
        let (number, of) = text.split_once('/').ok_or_else(wrong)?;
        let share = Share {
            number: number.parse().map_err(|_| wrong())?,
            of: of.parse().map_err(|_| wrong())?,
        };
        match (1..=share.of).contains(&share.number) {
            true => Ok(share),
            false => Err(wrong()),
        }
    }

    /// The share that the variables of Slurm's arrays, Kubernetes' indexed jobs or GitLab's parallel
    /// jobs name.
    ///
    /// # Errors
    /// There are none, or they make no sense.
    pub fn of_environment(variable: &dyn Fn(&str) -> Option<String>) -> Result<Share> {
        let number = |name: &str| -> Result<Option<u32>> {
            let Some(text) = variable(name).filter(|text| !text.is_empty()) else {
                return Ok(None);
            };
            let number = text.parse().map_err(|_| {
                Error::new(Kind::Options, format!("`{name}` is not a number: `{text}`"))
            })?;
            Ok(Some(number))
        };
        let found = if let Some(id) = number("SLURM_ARRAY_TASK_ID")? {
            let first = number("SLURM_ARRAY_TASK_MIN")?.unwrap_or(1);
            let step = number("SLURM_ARRAY_TASK_STEP")?.unwrap_or(1).max(1);
            let place = id.checked_sub(first).map(|after| after / step);
            (
                place,
                number("SLURM_ARRAY_TASK_COUNT")?,
                "SLURM_ARRAY_TASK_COUNT",
            )
        } else if let Some(index) = number("JOB_COMPLETION_INDEX")? {
            (Some(index), number("JOB_COMPLETIONS")?, "JOB_COMPLETIONS")
        } else if let Some(index) = number("CI_NODE_INDEX")? {
            (
                index.checked_sub(1),
                number("CI_NODE_TOTAL")?,
                "CI_NODE_TOTAL",
            )
        } else {
            return Err(Error::new(
                Kind::Options,
                "`--partition auto` finds none of SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX and CI_NODE_INDEX",
            ));
        };
        let (place, of, name) = found;
        let of = of.ok_or_else(|| {
            Error::new(Kind::Options, format!("`--partition auto` needs `{name}`"))
        })?;
        let number = place.and_then(|place| place.checked_add(1)).unwrap_or(0);
        Share::parse(&format!("{number}/{of}"))
    }

    /// Says whether a host belongs to it.
    pub fn holds(self, host: &str) -> bool {
        let hash = Sha256::digest(host.as_bytes());
        let head: [u8; 8] = std::array::from_fn(|byte| hash[byte]);
        u64::from_be_bytes(head) % u64::from(self.of) == u64::from(self.number - 1)
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Result<Share> {
        Share::of_environment(&|name| {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn every_host_belongs_to_one_share_and_they_are_even() {
        let mut counts = [0; 8];
        for number in 0..2000 {
            let host = format!("web{number:05}");
            let holds = |share: &u32| {
                Share {
                    number: *share,
                    of: 8,
                }
                .holds(&host)
            };
            let shares: Vec<u32> = (1..=8).filter(holds).collect();
            assert_eq!(shares.len(), 1, "{host}");
            counts[shares[0] as usize - 1] += 1;
        }
        assert!(
            counts.iter().all(|count| (190..310).contains(count)),
            "{counts:?}"
        );
        // What a version of today says, every later one must say.
        for (host, number) in [("web1", 7), ("web2", 2), ("db1.example.org", 3)] {
            assert!(Share { number, of: 8 }.holds(host), "{host}");
        }
    }

    #[test]
    fn only_shares_that_there_are_can_be_named() {
        assert_eq!(Share::parse("2/8").unwrap(), Share { number: 2, of: 8 });
        for wrong in ["", "2", "0/8", "9/8", "-1/8", "1/0", "a/b", "1/8/2"] {
            assert!(Share::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn engines_name_shares_by_their_variables() {
        let slurm = [
            ("SLURM_ARRAY_TASK_ID", "30"),
            ("SLURM_ARRAY_TASK_MIN", "10"),
            ("SLURM_ARRAY_TASK_STEP", "10"),
            ("SLURM_ARRAY_TASK_COUNT", "4"),
        ];
        assert_eq!(of(&slurm).unwrap().to_string(), "3/4");
        let kubernetes = [("JOB_COMPLETION_INDEX", "0"), ("JOB_COMPLETIONS", "8")];
        assert_eq!(of(&kubernetes).unwrap().to_string(), "1/8");
        let gitlab = [("CI_NODE_INDEX", "4"), ("CI_NODE_TOTAL", "4")];
        assert_eq!(of(&gitlab).unwrap().to_string(), "4/4");
        assert!(of(&[("JOB_COMPLETION_INDEX", "0")]).is_err());
        assert!(of(&[("CI_NODE_INDEX", "x"), ("CI_NODE_TOTAL", "4")]).is_err());
        assert!(of(&[]).is_err());
    }
}
