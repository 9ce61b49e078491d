//! A sequence on both worlds at once.

use std::collections::BTreeMap;

use sandtable_model::{AccountId, Duration, Timestamp};
use sandtable_simulator::wire::{RequestIds, answer};
use sandtable_simulator::{Twin, TwinOptions, TwinService};

use crate::calls::{Form, Step, Thing};
use crate::known::{Known, known};
use crate::peer::Peer;

/// How a sequence ended.
pub(crate) enum Outcome {
    /// Nothing that is not known differed; so many calls were compared.
    Same {
        /// The calls that were made before the end or the first known difference.
        made: usize,
    },
    /// A difference that nobody has looked at.
    Differs(String),
}

/// One world: how it is asked, and the ids that things have in it.
struct World<'a> {
    ask: Box<dyn FnMut(&str) -> String + 'a>,
    ids: BTreeMap<Thing, Vec<String>>,
    image: String,
}

pub(crate) fn run(peer: &Peer, sequence: &[Step]) -> Outcome {
    let account = AccountId::new("123456789012").unwrap();
    let now = Timestamp::from_millis(1_780_272_000_000);
    let twin = Twin::empty(account, now, TwinOptions::default());
    // Some minutes between calls, so that what takes time in the twin is done: others have no time.
    let mut service = TwinService::new(twin, Duration::from_secs(400));
    let ids = RequestIds::default();
    let ask = move |body: &str| {
        let request = http::Request::post("http://localhost/")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", "AWS4-HMAC-SHA256 Credential=test/20260601/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0")
            .body(body.as_bytes().to_vec())
            .unwrap();
        let response = answer(&mut service, &ids, &request).response.unwrap();
        String::from_utf8(response.into_body()).unwrap()
    };
    peer.reset();
    let mut ours = World::new(Box::new(ask));
    let mut theirs = World::new(Box::new(|body| peer.ask(body)));
    for (made, step) in sequence.iter().enumerate() {
        let form = step.form();
        let (Some(one), Some(other)) = (ours.body(step), theirs.body(step)) else {
            continue;
        };
        let (one, other) = (ours.make(form, &one), theirs.make(form, &other));
        if one == other {
            continue;
        }
        match known(form.action, &one, &other) {
            Some(Known::Harmless) => continue,
            Some(Known::Parts) => return Outcome::Same { made },
            None => {}
        }
        return Outcome::Differs(format!(
            "{}: the twin says {one}, the peer {other}",
            form.action
        ));
    }
    Outcome::Same {
        made: sequence.len(),
    }
}

impl<'a> World<'a> {
    fn new(mut ask: Box<dyn FnMut(&str) -> String + 'a>) -> Self {
        let mut made = |call: &str, element: &str| {
            let answer = ask(&format!("{call}&Version=2016-11-15"));
            between(&answer, element).unwrap_or_else(|| panic!("no {element}: {answer}"))
        };
        let volume = made(
            "Action=CreateVolume&Size=8&AvailabilityZone=us-east-1a",
            "volumeId",
        );
        let snapshot = made(
            &format!("Action=CreateSnapshot&VolumeId={volume}"),
            "snapshotId",
        );
        let image = made(
            &format!(
                "Action=RegisterImage&Name=base&RootDeviceName=/dev/xvda&Architecture=x86_64&VirtualizationType=hvm&BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.SnapshotId={snapshot}"
            ),
            "imageId",
        );
        World {
            ask,
            ids: BTreeMap::new(),
            image,
        }
    }

    /// The body of a call; none when what it would name does not exist yet.
    fn body(&self, step: &Step) -> Option<String> {
        let form = step.form();
        let mut text = format!("Action={}&Version=2016-11-15", form.action);
        for (key, value) in form.fixed {
            let value = value.replace("{image}", &self.image);
            text.push_str(&format!("&{key}={}", value.replace('/', "%2F")));
        }
        for ((key, thing), pick) in form.names.iter().zip(step.picks) {
            let ids = self.ids.get(thing)?;
            text.push_str(&format!("&{key}={}", ids[pick % ids.len()]));
        }
        Some(text)
    }

    /// Makes a call; `ok` or the code of the error.
    fn make(&mut self, form: &Form, body: &str) -> String {
        let answer = (self.ask)(body);
        if let Some(code) = between(&answer, "Code") {
            return code;
        }
        if let Some((thing, element)) = form.makes {
            let id = between(&answer, element);
            let id = id.unwrap_or_else(|| panic!("{}: no {element} in {answer}", form.action));
            self.ids.entry(thing).or_default().push(id);
        }
        "ok".to_owned()
    }
}

/// The text of the first element of this name.
fn between(xml: &str, element: &str) -> Option<String> {
    let rest = xml.split(&format!("<{element}>")).nth(1)?;
    rest.split('<').next().map(str::to_owned)
}
