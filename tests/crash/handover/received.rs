//! The submissions that a simulated SMSC received, whether it answered them or not.

use std::collections::HashMap;

use mbush::simulator::Smsc;
use mbush::smpp::{Body, Message};
use mbush::text::data_coding::DefaultAlphabet;
use mbush::text::segments::encode_for_submit;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::TryRecvError;

pub(super) struct Received {
    requests: broadcast::Receiver<Body>,
    /// Their number for each recipient and content.
    counts: HashMap<(String, Vec<u8>), usize>,
}

impl Received {
    /// From now on.
    pub(super) fn by(smsc: &Smsc) -> Self {
        Self { requests: smsc.requests(), counts: HashMap::new() }
    }

    /// The number of times that it received this text for this phone so far.
    pub(super) fn count(&mut self, to: &str, text: &str) -> usize {
        self.take_in();
        let (_, octets) = encode_for_submit(text, DefaultAlphabet::default());
        self.counts.get(&(to.to_owned(), octets)).copied().unwrap_or(0)
    }

    /// The number of submissions that it received so far.
    pub(super) fn total(&mut self) -> usize {
        self.take_in();
        self.counts.values().sum()
    }

    fn take_in(&mut self) {
        loop {
            match self.requests.try_recv() {
                Ok(body @ Body::SubmitSm(_)) => {
                    let message = Message::of(&body).expect("a submission is a message");
                    *self.counts.entry((message.to, message.octets.to_vec())).or_default() += 1;
                }
                Ok(_) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
                Err(TryRecvError::Lagged(missed)) => panic!("{missed} submissions were not seen"),
            }
        }
    }
}
