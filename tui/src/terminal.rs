//! The real terminal: entered and always left again, its keys and the process's signals as events.

use std::io::{self, IsTerminal as _, Stdout};
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration as StdDuration;

use crossterm::cursor::{Hide, Show};
use crossterm::event::{self, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::execute;
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use sandtable_model::Duration;

use crate::event::{Event, EventSource, Key};

/// How often time is told of while the session is at work.
const TICK_MS: u64 = 200;
/// How long the reader of keys waits before it looks whether it is still needed.
const POLL_MS: u64 = 50;

/// Whether the terminal is ours and has to be given back.
static OURS: AtomicBool = AtomicBool::new(false);

/// The terminal while it is ours. Given back when dropped, and by the panic hook.
pub(crate) struct OwnTerminal {
    pub(crate) terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl OwnTerminal {
    /// Takes the terminal.
    pub(crate) fn enter() -> io::Result<Self> {
        if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
            return Err(io::Error::other(
                "standard input and output must be a terminal",
            ));
        }
        give_back_on_panic();
        enable_raw_mode()?;
        OURS.store(true, Ordering::SeqCst);
        let entered = execute!(io::stdout(), EnterAlternateScreen, Hide)
            .and_then(|()| Terminal::new(CrosstermBackend::new(io::stdout())));
        match entered {
            Ok(terminal) => Ok(OwnTerminal { terminal }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }
}

impl Drop for OwnTerminal {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the terminal back, once. Errors have nowhere to go: the terminal may be gone.
fn give_back() {
    if OURS.swap(false, Ordering::SeqCst) {
        let _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}

fn give_back_on_panic() {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |information| {
        // The session's panics are caught and shown; printing would spoil the screen.
        let in_session = std::thread::current().name() == Some(crate::worker::THREAD);
        if in_session && OURS.load(Ordering::SeqCst) {
            return;
        }
        give_back();
        previous(information);
    }));
}

/// Events out of a channel, into which the threads of keys, signals and work send.
pub(crate) struct ChannelSource {
    pub(crate) events: Receiver<Event>,
}

impl EventSource for ChannelSource {
    fn next(&mut self, busy: bool) -> Option<Event> {
        if !busy {
            return self.events.recv().ok();
        }
        match self.events.recv_timeout(StdDuration::from_millis(TICK_MS)) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout) => {
                let passed = i64::try_from(TICK_MS).unwrap_or(i64::MAX);
                Some(Event::Tick(Duration::from_millis(passed)))
            }
            Err(RecvTimeoutError::Disconnected) => None,
        }
    }

    fn pending(&mut self) -> Option<Event> {
        self.events.try_recv().ok()
    }
}

/// The thread that reads keys and sizes; told to end when dropped.
///
/// It is not waited for: once the terminal has hung up, the read that it is in may never return.
pub(crate) struct KeyReader {
    stop: Arc<AtomicBool>,
}

impl KeyReader {
    /// Begins to read.
    pub(crate) fn start(events: Sender<Event>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        std::thread::spawn(move || read_keys(&stopped, &events));
        KeyReader { stop }
    }
}

impl Drop for KeyReader {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
    }
}

fn read_keys(stopped: &AtomicBool, events: &Sender<Event>) {
    while !stopped.load(Ordering::SeqCst) {
        let event = match event::poll(StdDuration::from_millis(POLL_MS)) {
            Ok(false) => continue,
            Ok(true) => event::read(),
            Err(error) => Err(error),
        };
        let sent = match event {
            Ok(event) => translate(&event).map(|event| events.send(event)),
            // The terminal is gone, which is what SIGHUP tells of.
            Err(_) => {
                let _ = events.send(Event::Interrupted(HANGUP));
                return;
            }
        };
        if let Some(Err(_)) = sent {
            return;
        }
    }
}

const HANGUP: i32 = 1;

fn translate(event: &event::Event) -> Option<Event> {
    match event {
        event::Event::Resize(width, height) => Some(Event::Resize(*width, *height)),
        event::Event::Key(key) if key.kind != KeyEventKind::Release => {
            translate_key(key.code, key.modifiers).map(Event::Key)
        }
        _ => None,
    }
}

fn translate_key(code: KeyCode, modifiers: KeyModifiers) -> Option<Key> {
    Some(match code {
        KeyCode::Char(c) if modifiers.contains(KeyModifiers::CONTROL) => Key::Control(c),
        KeyCode::Char(_) if modifiers.contains(KeyModifiers::ALT) => return None,
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Escape,
        KeyCode::Tab if modifiers.contains(KeyModifiers::SHIFT) => Key::BackTab,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        _ => return None,
    })
}

/// The thread that waits for signals to end; ends when dropped.
#[cfg(unix)]
pub(crate) struct SignalReader {
    handle: signal_hook::iterator::Handle,
}

#[cfg(unix)]
impl SignalReader {
    /// Begins to wait for the signals that ask a process to end.
    pub(crate) fn start(events: Sender<Event>) -> io::Result<Self> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
        let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM])?;
        let handle = signals.handle();
        std::thread::spawn(move || {
            for signal in signals.forever() {
                if events.send(Event::Interrupted(signal)).is_err() {
                    return;
                }
            }
        });
        Ok(SignalReader { handle })
    }
}

#[cfg(unix)]
impl Drop for SignalReader {
    fn drop(&mut self) {
        self.handle.close();
    }
}
