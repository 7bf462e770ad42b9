//! All secrets of a configuration together: secrets for HTTP must differ, and short ones cause a warning.

use secrecy::{ExposeSecret, SecretString};

use super::{Config, Link};

/// Beginning of the secrets of `mbush.example.toml`, which are public.
const EXAMPLE: &str = "change-me";
/// Shortest bearer secret without a warning, in characters: 16 letters and digits have more than 90 bits.
const BEARER_CHARS: usize = 16;
/// Shortest SMPP password without a warning, in characters: the most that SMPP 3.4 allows.
const PASSWORD_CHARS: usize = 8;

/// One secret and its use.
struct Known {
    /// Its key, such as `links.ipko.password`.
    place: String,
    /// Its link, client, or section. An owner with two secrets may use one for both.
    owner: String,
    purpose: Use,
    secret: SecretString,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Authorises and identifies an HTTP client.
    Bearer,
    /// Sent to a gateway or a bank.
    Shown,
    /// Password of an SMPP session, used with a name.
    Password,
}

impl Config {
    /// Problems of the secrets together, one per line.
    pub(super) fn secret_problems(&self) -> Vec<String> {
        let known = self.secrets();
        let clash = |(at, one): (usize, &Known)| {
            let other = known.iter().take(at).find(|other| one.clashes(other))?;
            Some(format!(
                "{}: it is the same as {}: give each its own, because the secret identifies its owner",
                one.place, other.place
            ))
        };
        known.iter().enumerate().filter_map(clash).collect()
    }

    /// Secrets that are easy to guess or are in the example, one per line. They do not prevent a start.
    pub fn weak_secrets(&self) -> Vec<String> {
        let secrets = self.secrets();
        let short = secrets.iter().filter_map(Known::weakness);
        let open = self.secret_files().into_iter().filter(|(_, file)| super::secret::is_open(file));
        let open = open.map(|(place, file)| {
            format!("{place} = \"{}\": everybody on this machine can read it; chmod 600 it", file.display())
        });
        short.chain(open).collect()
    }

    /// The secrets that can be read. Others were reported at load.
    fn secrets(&self) -> Vec<Known> {
        let mut known = Vec::new();
        let mut add = |owner: &str, key: &str, purpose: Use, secret: Option<SecretString>| {
            let place = format!("{owner}.{key}");
            known.extend(secret.map(|secret| Known { place, owner: owner.to_owned(), purpose, secret }));
        };
        add("http", "admin_secret", Use::Bearer, self.http.admin_secret().ok().flatten());
        for (name, link) in &self.links {
            let owner = format!("links.{name}");
            match link {
                Link::Smsc(link) => add(&owner, "password", Use::Password, link.password().ok()),
                Link::Esme(esme) => add(&owner, "password", Use::Password, esme.password().ok()),
                Link::Http(gateway) => {
                    add(&owner, "secret", Use::Bearer, gateway.secret().ok());
                    add(&owner, "reply_secret", Use::Shown, gateway.reply_secret().ok().flatten());
                }
            }
        }
        for (bank, asked) in &self.pin_checks {
            add(&format!("banks.{bank}.pin_check"), "secret", Use::Shown, asked.secret().ok());
        }
        for (name, client) in &self.clients {
            add(&format!("clients.{name}"), "secret", Use::Bearer, client.secret().ok().flatten());
        }
        for (name, forward) in &self.forward {
            add(&format!("forward.{name}"), "secret", Use::Shown, forward.known_secret());
        }
        known
    }

    fn secret_files(&self) -> Vec<(String, &std::path::Path)> {
        let mut files = Vec::new();
        files.extend(self.http.secret_file().map(|file| ("http.admin_secret_file".to_owned(), file)));
        for (name, link) in &self.links {
            let of_link: Vec<_> = match link {
                Link::Smsc(link) => link.password_file().map(|file| ("password_file", file)).into_iter().collect(),
                Link::Esme(esme) => esme.password_file().map(|file| ("password_file", file)).into_iter().collect(),
                Link::Http(gateway) => gateway.secret_files().collect(),
            };
            files.extend(of_link.into_iter().map(|(key, file)| (format!("links.{name}.{key}"), file)));
        }
        for (bank, asked) in &self.pin_checks {
            files.extend(asked.secret_file().map(|file| (format!("banks.{bank}.pin_check.secret_file"), file)));
        }
        for (name, client) in &self.clients {
            files.extend(client.secret_file().map(|file| (format!("clients.{name}.secret_file"), file)));
        }
        for (name, forward) in &self.forward {
            files.extend(forward.secret_file().map(|file| (format!("forward.{name}.secret_file"), file)));
        }
        files
    }
}

impl Known {
    /// Returns true for two equal bearer secrets, or one that is also sent to a peer that is not its owner.
    fn clashes(&self, other: &Self) -> bool {
        let let_in = [self, other].iter().filter(|known| known.purpose == Use::Bearer).count();
        let passwords = [self, other].iter().any(|known| known.purpose == Use::Password);
        let_in > 0
            && !passwords
            && self.owner != other.owner
            && self.secret.expose_secret() == other.secret.expose_secret()
    }

    fn weakness(&self) -> Option<String> {
        if self.secret.expose_secret().to_lowercase().starts_with(EXAMPLE) {
            return Some(format!(
                "{} is the published value of mbush.example.toml: replace it by one of your own",
                self.place
            ));
        }
        let chars = self.secret.expose_secret().chars().count();
        let (least, what) = match self.purpose {
            Use::Bearer | Use::Shown => (BEARER_CHARS, "a bearer secret should have"),
            Use::Password => (PASSWORD_CHARS, "a password should have"),
        };
        let plural = if chars == 1 { "" } else { "s" };
        (chars < least).then(|| format!("{}: it has {chars} character{plural}; {what} at least {least}", self.place))
    }
}
