//! Linear order: a host may enter a place once no live host of its batch stands before it.
//!
//! `free` takes the turnstile away. Everything that hosts of a batch decide together happens here:
//! who runs a `run_once` task, which includes are the same, whether a failure is everybody's.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::position::Position;

/// What ends the way of every host of the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// `any_errors_fatal`: everybody has failed.
    Fatal,
    /// `max_fail_percentage`: too many have failed.
    TooManyFailed,
    /// `meta: end_batch`.
    Batch,
    /// `meta: end_play`.
    Play,
}

/// The turnstile of one batch. `T` is what hosts hand to each other.
pub struct Turnstile<T> {
    free: bool,
    in_turn: bool,
    state: Mutex<State<T>>,
    bells: Vec<Notify>,
}

struct State<T> {
    places: Vec<Option<Position>>,
    count: BTreeMap<Position, usize>,
    announced: HashSet<Position>,
    leaders: HashMap<Position, usize>,
    deposits: HashMap<Position, Vec<(usize, T)>>,
    fatal: HashSet<Position>,
    stop: Option<Stop>,
    /// The hosts that stepped aside.
    aside: BTreeMap<usize, Aside>,
}

/// A host that stepped aside, because it cannot be reached.
struct Aside {
    place: Position,
    /// Whether it may come back.
    forgiven: bool,
}

impl<T: Clone> Turnstile<T> {
    /// A turnstile for `hosts` hosts; with `free` nobody waits.
    pub fn new(hosts: usize, free: bool) -> Self {
        let start = Position::default();
        Turnstile {
            free,
            in_turn: false,
            state: Mutex::new(State {
                places: vec![Some(start.clone()); hosts],
                count: BTreeMap::from([(start, hosts)]),
                announced: HashSet::new(),
                leaders: HashMap::new(),
                deposits: HashMap::new(),
                fatal: HashSet::new(),
                stop: None,
                aside: BTreeMap::new(),
            }),
            bells: (0..hosts).map(|_| Notify::new()).collect(),
        }
    }

    /// The same turnstile, through which hosts go one by one, in their order (`--forks 1`).
    #[must_use]
    pub fn one_by_one(self) -> Self {
        Turnstile {
            in_turn: !self.free,
            ..self
        }
    }

    /// Says whether hosts wait for each other here.
    pub fn is_linear(&self) -> bool {
        !self.free
    }

    /// Waits until no live host stands before `place`.
    pub async fn enter(&self, host: usize, place: &Position) -> Result<(), Stop> {
        self.move_to(host, Some(place.clone()));
        loop {
            let bell = self.bells[host].notified();
            {
                let state = self.state();
                if let Some(stop) = state.stop {
                    return Err(stop);
                }
                let open = state.count.keys().next().is_none_or(|first| first >= place);
                if self.free || open && (!self.in_turn || state.is_turn_of(host, place)) {
                    return Ok(());
                }
            }
            bell.await;
        }
    }

    /// Waits until every host that comes to `place` is done there.
    pub async fn settle(&self, host: usize, place: &Position) -> Result<(), Stop> {
        self.enter(host, &place.end()).await?;
        if self.state().fatal.contains(place) {
            return Err(Stop::Fatal);
        }
        Ok(())
    }

    /// Takes a host out: it failed, cannot be reached, or is done.
    pub fn leave(&self, host: usize) {
        self.move_to(host, None);
    }

    /// Steps aside until the others have come to their end, or at once where nobody waits for
    /// anybody. Gives whether the host was [forgiven](Self::forgive) meanwhile: it then stands where
    /// it stood, and everything there is done anew for those that come with it.
    pub async fn step_aside(&self, host: usize, place: &Position) -> bool {
        let aside = Aside {
            place: place.clone(),
            forgiven: false,
        };
        self.state().aside.insert(host, aside);
        self.move_to(host, None);
        loop {
            let bell = self.bells[host].notified();
            {
                let mut state = self.state();
                if state.stop.is_some() {
                    state.aside.remove(&host);
                    return false;
                }
                match state.aside.get(&host) {
                    None => return state.places[host].is_some(),
                    Some(aside) if aside.forgiven && self.free => {
                        state.bring_back(host);
                        return true;
                    }
                    Some(_) => (),
                }
            }
            bell.await;
        }
    }

    /// Lets the hosts that stepped aside come back (`meta: clear_host_errors`).
    pub fn forgive(&self) {
        let mut state = self.state();
        for (host, aside) in &mut state.aside {
            aside.forgiven = true;
            self.bells[*host].notify_one();
        }
    }

    /// Says once for each place that its task begins.
    pub fn announce(&self, place: &Position) -> bool {
        self.state().announced.insert(place.clone())
    }

    /// Says whether this host does what is done once for all that are at `place`: it is the first
    /// of them. Every host asks after it has entered.
    pub fn leads(&self, host: usize, place: &Position) -> bool {
        if self.free {
            return true;
        }
        let mut state = self.state();
        if let Some(leader) = state.leaders.get(place) {
            return *leader == host;
        }
        let leader = state
            .places
            .iter()
            .position(|at| at.as_ref() == Some(place))
            .unwrap_or(host);
        state.leaders.insert(place.clone(), leader);
        leader == host
    }

    /// The first of the hosts at `place`.
    pub fn first(&self, place: &Position) -> Option<usize> {
        let state = self.state();
        let is_here = |at: &Option<Position>| at.as_ref() == Some(place);
        state.places.iter().position(is_here)
    }

    /// Leaves something for the others at `place`.
    pub fn deposit(&self, host: usize, place: &Position, what: T) {
        let mut state = self.state();
        let deposits = state.deposits.entry(place.clone()).or_default();
        let after = deposits.partition_point(|(other, _)| *other < host);
        deposits.insert(after, (host, what));
    }

    /// Everything that was left at `place`, in the hosts' order; for after [`settle`](Self::settle).
    pub fn deposits(&self, host: usize, place: &Position) -> Vec<(usize, T)> {
        let state = self.state();
        let all = state.deposits.get(place).cloned().unwrap_or_default();
        if self.free {
            return all
                .into_iter()
                .filter(|(other, _)| *other == host)
                .collect();
        }
        all
    }

    /// Makes the failure at `place` everybody's who comes there.
    pub fn fail_all(&self, place: &Position) {
        self.state().fatal.insert(place.clone());
    }

    /// Ends the way of every host.
    pub fn stop(&self, stop: Stop) {
        self.state().stop = Some(stop);
        for bell in &self.bells {
            bell.notify_one();
        }
    }

    fn move_to(&self, host: usize, place: Option<Position>) {
        let first = {
            let mut state = self.state();
            let before = state.count.keys().next().cloned();
            state.move_to(host, place);
            if state.count.is_empty() {
                self.end_wait(&mut state);
            }
            let first = state.count.keys().next().cloned();
            if first == before && !self.in_turn {
                return;
            }
            first
        };
        self.ring(first.as_ref());
    }

    /// Everybody is done: those aside that were forgiven come back, or all of them are done too.
    fn end_wait(&self, state: &mut State<T>) {
        let aside: Vec<(usize, bool)> = state
            .aside
            .iter()
            .map(|(host, aside)| (*host, aside.forgiven))
            .collect();
        let again = aside.iter().any(|(_, forgiven)| *forgiven);
        for (host, forgiven) in aside {
            match forgiven {
                true => state.bring_back(host),
                false if !again => drop(state.aside.remove(&host)),
                false => continue,
            }
            self.bells[host].notify_one();
        }
        if again {
            state.announced.clear();
            state.leaders.clear();
            state.deposits.clear();
            state.fatal.clear();
        }
    }

    /// Wakes the hosts that may go on now that `first` is the foremost place.
    fn ring(&self, first: Option<&Position>) {
        let state = self.state();
        for (bell, place) in self.bells.iter().zip(&state.places) {
            if place.is_some() && place.as_ref() <= first {
                bell.notify_one();
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    /// Says whether no earlier host is still at `place`.
    fn is_turn_of(&self, host: usize, place: &Position) -> bool {
        let earlier = self.places.iter().take(host);
        earlier.flatten().all(|at| at > place)
    }

    /// Puts a host that stepped aside where it stood.
    fn bring_back(&mut self, host: usize) {
        if let Some(aside) = self.aside.remove(&host) {
            self.move_to(host, Some(aside.place));
        }
    }

    fn move_to(&mut self, host: usize, place: Option<Position>) {
        let old = std::mem::replace(&mut self.places[host], place.clone());
        if let Some(old) = old
            && let Some(count) = self.count.get_mut(&old)
        {
            *count -= 1;
            if *count == 0 {
                self.count.remove(&old);
            }
        }
        if let Some(place) = place {
            *self.count.entry(place).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use super::{Position, Turnstile};

    #[tokio::test]
    async fn a_fast_host_waits_for_a_slow_one() {
        let turnstile = Arc::new(Turnstile::<()>::new(2, false));
        let order = Arc::new(Mutex::new(Vec::new()));
        let walk = |host: usize, delay: u64| {
            let (turnstile, order) = (Arc::clone(&turnstile), Arc::clone(&order));
            async move {
                for task in 0..3 {
                    let place = Position::default().child(task);
                    turnstile.enter(host, &place).await.unwrap();
                    tokio::time::sleep(Duration::from_millis(delay)).await;
                    order.lock().unwrap().push(task);
                }
                turnstile.leave(host);
            }
        };
        tokio::join!(walk(0, 0), walk(1, 20));
        assert_eq!(*order.lock().unwrap(), [0, 0, 1, 1, 2, 2]);
    }

    #[tokio::test]
    async fn who_stepped_aside_comes_back_when_forgiven_and_the_others_are_done() {
        for (forgives, expected) in [(true, vec![1, 2, 3, 1, 2, 3]), (false, vec![1, 2, 3])] {
            let turnstile = Arc::new(Turnstile::<()>::new(2, false));
            let order = Mutex::new(Vec::new());
            let walk = async |host: usize, lost: bool| {
                for task in 0..4 {
                    let place = Position::default().child(task);
                    turnstile.enter(host, &place).await.unwrap();
                    if task == 0 && lost && !turnstile.step_aside(host, &place).await {
                        break;
                    }
                    if task > 0 {
                        order.lock().unwrap().push(task);
                    }
                    if task == 2 && forgives {
                        turnstile.forgive();
                    }
                }
                turnstile.leave(host);
            };
            tokio::join!(walk(0, true), walk(1, false));
            assert_eq!(*order.lock().unwrap(), expected);
        }
    }

    #[tokio::test]
    async fn the_first_host_leads_and_the_others_read_what_it_left() {
        let turnstile = Arc::new(Turnstile::<u32>::new(3, false));
        let walk = |host: usize| {
            let turnstile = Arc::clone(&turnstile);
            async move {
                let place = Position::default().child(0);
                turnstile.enter(host, &place).await.unwrap();
                if turnstile.leads(host, &place) {
                    tokio::task::yield_now().await;
                    turnstile.deposit(host, &place, 7);
                }
                turnstile.settle(host, &place).await.unwrap();
                let left = turnstile.deposits(host, &place);
                turnstile.leave(host);
                left
            }
        };
        let (a, b, c) = tokio::join!(walk(2), walk(0), walk(1));
        assert_eq!((a, b, c), (vec![(0, 7)], vec![(0, 7)], vec![(0, 7)]));
    }
}
