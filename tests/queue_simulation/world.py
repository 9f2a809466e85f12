"""What reviewers would say of every simulated interaction, what the machine says, and the draw."""

from dataclasses import dataclass

import numpy as np

from scorecards.definitions.form import AREAS, PILLARS
from tests.queue_simulation.settings import Setting

LEVELS = (0.1, 0.3, 0.7, 0.9)
MEASURES = ("empathy", *PILLARS, "score", "pass_rate", *(f"critical_{area}" for area in AREAS))
RARE = ("critical_customer", "critical_business", "critical_compliance")
PASS_MARK = 55
CHANNELS = ("chat", "email")
AGENTS = 12
FOUND, FALSE_ALARMS = 0.6, 0.01
"""Shares of critical errors that the machine finds, and of others that it takes for one."""


@dataclass
class World:
    """The interactions of a client, in the order of their arrival.

    Attributes
    ----------
    day : int array of shape (n,)
        Day of arrival.
    options : int array of shape (n, 4)
        The reviewers' answer for each pillar, from 0 to 10.
    failed : bool array of shape (n, 3)
        Their critical errors by area.
    human, machine : float array of shape (n, measures)
        Scores in [0, 100].
    p, draw : float array of shape (n,)
    agent, channel : int array of shape (n,)
    foreign : bool array of shape (n,)
    """

    day: np.ndarray
    options: np.ndarray
    failed: np.ndarray
    human: np.ndarray
    machine: np.ndarray
    p: np.ndarray
    draw: np.ndarray
    agent: np.ndarray
    channel: np.ndarray
    foreign: np.ndarray


def make_world(setting: Setting, generator: np.random.Generator) -> World:
    """Return the interactions of one repeat."""
    day = _arrivals(setting, generator)
    n = day.size
    agent, channel = generator.integers(0, AGENTS, n), generator.integers(0, len(CHANNELS), n)
    foreign = generator.random(n) < setting.foreign
    shift = -setting.fall * (day >= setting.days / 2) - 8.0 * foreign - 4.0 * channel
    latent = _latent(setting, generator, agent)
    options = _options(latent, shift, generator)
    failed = generator.random((n, len(AREAS))) < np.array(setting.failing)
    found = np.where(
        failed, generator.random(failed.shape) < FOUND, generator.random(failed.shape) < FALSE_ALARMS
    )
    seen = 0.6 * latent + 0.8 * generator.normal(size=latent.shape)
    machine_pillars = np.clip(_mean_points(seen, shift) + 6.0, 0, 100)
    charged = generator.random(n) < np.where(latent.mean(axis=1) < -0.4, 0.4, 0.05)
    p = np.full(n, setting.base)
    p = np.where(charged, np.maximum(p, setting.charged), p)
    p = np.where(found.any(axis=1), np.maximum(p, setting.critical), p)
    human, machine = _measures(options * 10.0, failed), _measures(machine_pillars, found)
    draw = generator.random(n)
    return World(day, options, failed, human, machine, p, draw, agent, channel, foreign)


def _arrivals(setting: Setting, generator: np.random.Generator) -> np.ndarray:
    days = np.arange(setting.days)
    rate = np.where(setting.weekends & (days % 7 >= 5), setting.per_day / 4, setting.per_day)
    if setting.at_once:
        return np.zeros(int(setting.per_day), dtype=np.int64)
    return np.repeat(days, generator.poisson(rate))


def _latent(setting: Setting, generator: np.random.Generator, agent: np.ndarray) -> np.ndarray:
    n, pillars = agent.size, len(LEVELS)
    own = generator.normal(size=(AGENTS, pillars))[agent]
    common, each = generator.normal(size=(n, 1)), generator.normal(size=(n, pillars))
    rest = 0.5 * common + np.sqrt(0.75) * each
    return np.sqrt(setting.clusters) * own + np.sqrt(1 - setting.clusters) * rest


def _mean_points(latent: np.ndarray, shift: np.ndarray) -> np.ndarray:
    level = np.log(np.array(LEVELS) / (1 - np.array(LEVELS)))
    points = 100 / (1 + np.exp(-(level + 0.9 * latent)))
    # A level near an end moves by less.
    room = np.array(LEVELS) * (1 - np.array(LEVELS)) / 0.25
    return points + shift[:, None] * room


def _options(latent: np.ndarray, shift: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    points = _mean_points(latent, shift) + generator.normal(0, 6, latent.shape)
    return np.clip(np.round(points / 10), 0, 10).astype(np.int64)


def _measures(pillars: np.ndarray, failed: np.ndarray) -> np.ndarray:
    """Return the scores of the scorecard in `desk.SCORECARD`."""
    empathy = pillars.mean(axis=1)
    total = (pillars.sum(axis=1) + 100 * (1 - failed.mean(axis=1))) / 5
    total = np.where(failed[:, 0], 0.0, total)
    passed = 100.0 * ((total >= PASS_MARK) & ~failed.any(axis=1))
    return np.column_stack([empathy, pillars, total, passed, 100.0 * failed])
