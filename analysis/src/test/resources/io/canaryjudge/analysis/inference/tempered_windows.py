#!/usr/bin/env python3
"""Makes tempered_windows.json: python3 tempered_windows.py > tempered_windows.json

A plain and slow reference of dispersion, snapshots and windowed evidence, written from the formulas
in docs/statistics.md without looking at the Java classes. Counts are random with fixed seeds; the
file holds them, so that a reader needs no generator of random numbers.
"""
import json
import random
from math import exp, log

UP = [exp(0.08 * (log(100) / 0.08) ** (j / 15)) for j in range(16)]
SUM = 2.109742801236892  # of 1/(n ln^2 n) from n = 2
RHO = 1.25
CAP = (log(100) + log(16)) / 3
PER_EPOCH = 12


def log_sum(terms):
    top = max(terms)
    return top + log(sum(exp(t - top) for t in terms))


def spread(counts):
    """counts: [(n, k)] of one arm. numerator, denominator, den2, dof, n, k, sum of squared shares."""
    n = sum(c[0] for c in counts)
    k = sum(c[1] for c in counts)
    if n == 0:
        return 0, 0, 0, 0, 0, 0, 0
    p = k / n
    num = sum((c[1] - c[0] * p) ** 2 for c in counts)
    den = sum(c[0] * p * (1 - p) * (1 - c[0] / n) for c in counts)
    den2 = sum((c[0] * p) ** 2 * (1 - c[0] / n) for c in counts)
    active = sum(c[0] > 0 for c in counts)
    if active < 2:
        num = den = den2 = 0
    return num, den, den2, active - 1 if den > 0 else 0, n, k, sum((c[0] / n) ** 2 for c in counts)


def excess(num, den, dof):
    d = min(dof, den)
    r = num / den if den > 0 else 1
    return max(0, (4 + d * r) / (4 + d) - 1) * (1 + 8 / (max(d, 4) - 2.75))


def variance(num, den, den2, dof):
    return excess(num, den, dof) * den / den2 if den2 > 0 else 0


def total(windows, arm, start, end):
    """Counts by instance over windows[start:end]."""
    sums = {}
    for w in windows[start:end]:
        for name, (n, k) in w[arm].items():
            a, b = sums.get(name, (0, 0))
            sums[name] = (a + n, b + k)
    return [sums[name] for name in sorted(sums)]


def blocks(windows, size, start, end):
    """Completed blocks of this size whose end lies in (start, end]."""
    return [(b - size, b) for b in range(size, end + 1, size) if start < b]


def scale_sums(windows, arms, size, end):
    sums = [0, 0, 0, 0]
    for b in blocks(windows, size, 0, end):
        for arm in arms:
            s = spread(total(windows, arm, *b))
            for i in range(4):
                sums[i] += s[i]
    return sums


def over_time(windows, size, start, end):
    aa = ab = bb = v = nb = 0
    for b in blocks(windows, size, start, end):
        nC, kC = spread(total(windows, 'C', *b))[4:6]
        nB, kB = spread(total(windows, 'B', *b))[4:6]
        if nC + nB == 0:
            continue
        w = 1 / (nC + nB)
        x, y = kC * nB * w, kB * nC * w
        aa += x * x
        ab += x * y
        bb += y * y
        v += (kC + kB) * nC * nB * w * w
        nb += kC + kB > 0
    if nb < 16:
        return 1
    nC, kC = spread(total(windows, 'C', start, end))[4:6]
    nB, kB = spread(total(windows, 'B', start, end))[4:6]
    r = ((kC + .5) / max(nC, 1)) / ((kB + .5) / max(nB, 1))
    s = nC / max(nC + nB, 1)
    th = nC * r / (nC * r + nB)
    den = v * ((1 - s) + r * s) ** 2 * th * (1 - th) / (s * (1 - s))
    d = max(min(nb - 1, den), 0)
    ratio = (aa - 2 * r * ab + r * r * bb) / den if den > 0 else 1
    return 1 + max(0, (4 + d * ratio) / (4 + d) - 1) * (1 + 8 / (max(d, 4) - 2.75))


def phi(windows, start, end, cv):
    """Inflation of the window from start, seen after `end` windows."""
    c, b = (spread(total(windows, arm, start, end)) for arm in 'CB')
    wc, wb = (spread(total(windows, arm, 0, end)) for arm in 'CB')
    s = c[4] / max(c[4] + b[4], 1)
    weight = (c[6] + b[6]) * (c[5] + b[5]) * s * (1 - s)
    found = [1]
    for size in (1, 8, 64):
        c2 = variance(*scale_sums(windows, 'CB', size, end))
        found.append(1 + c2 / max((end - start) / size, 1) * weight)
    window = variance(*(c[i] + b[i] for i in range(4)))
    whole = variance(*(wc[i] + wb[i] for i in range(4)))
    found.append(1 + (max(window, whole) + cv * cv) * weight)
    for size in (1, 8, 64):
        found.append(over_time(windows, size, start, end))
        found.append(over_time(windows, size, 0, start))
    return max(found)


def limit_phi(windows, start, end, cv):
    """The same for the canary alone."""
    c = spread(total(windows, 'C', start, end))
    w = spread(total(windows, 'C', 0, end))
    scales = [excess(s[0], s[1], s[3]) for s in (scale_sums(windows, 'C', z, end) for z in (1, 8, 64))]
    lasting = excess(c[0], c[1], c[3])
    if c[1] > 0:
        lasting = max(lasting, variance(*w[:4]) * c[2] / c[1])
    lasting += cv * cv * c[6] * c[5] * (c[4] + 1) / (c[4] - c[5] + .5)
    return 1 + max(scales + [lasting])


def ratio_factors(window):
    nC, kC = spread(list(window['C'].values()))[4:6]
    nB, kB = spread(list(window['B'].values()))[4:6]
    if nC == 0 or nB == 0:
        return [0] * 16
    return [min(CAP, kC * log(m) + (kC + kB) * log((nC * RHO + nB) / (nC * RHO * m + nB))) for m in UP]


def weight(k, horizon):
    fifth = (k + 1) % 5 == 0
    if horizon:
        return .25 / horizon + (.25 / (horizon // 5) if fifth else 0)
    w = .25 / (SUM * (k + 2) * log(k + 2) ** 2)
    j = (k + 1) // 5 - 1
    return w + (.25 / (SUM * (j + 2) * log(j + 2) ** 2) if fifth else 0)


def mix(sums, phi_):
    return log_sum([x / phi_ for x in sums]) - log(16)


def binomial(rng, n, p):
    return sum(rng.random() < min(p, 1) for _ in range(n))


def case(name, seed, length, make, cv, horizon, at):
    rng = random.Random(seed)
    windows = [make(rng, t) for t in range(length)]
    sums = [[0] * 16]
    for w in windows:
        sums.append([a + f for a, f in zip(sums[-1], ratio_factors(w))])
    expected = []
    for end in at:
        # A snapshot is taken before the window after the epoch's last, so at `end` itself it is not.
        starts = [s for s in range(PER_EPOCH, end, PER_EPOCH) if not horizon or s // PER_EPOCH <= horizon]
        phi0 = phi(windows, 0, end, cv)
        phis = [phi(windows, s, end, cv) for s in starts]
        terms = [log(.5) + mix(sums[end], phi0)]
        for s, f in zip(starts, phis):
            gain = [a - b for a, b in zip(sums[end], sums[s])]
            terms.append(log(weight(s // PER_EPOCH - 1, horizon)) + mix(gain, f))
        expected.append({'windows': end, 'phi': phi0, 'phis': phis, 'logE': log_sum(terms),
                         'limitPhi': limit_phi(windows, 0, end, cv),
                         'limitPhis': [limit_phi(windows, s, end, cv) for s in starts]})
    rows = [{arm: {i: list(c) for i, c in w[arm].items()} for arm in 'CB'} for w in windows]
    return {'name': name, 'instanceCv': cv, 'horizonEpochs': horizon, 'windows': rows, 'expected': expected}


def even(canaries, baselines, low, high, rate, spread_, onset, factor):
    def make(rng, t):
        def arm(letter, number, boost):
            out = {}
            for i in range(number):
                n = rng.randint(low, high)
                lasting = 1 + spread_ * (i - (number - 1) / 2)
                out['%s%d' % (letter, i)] = (n, binomial(rng, n, rate * lasting * boost))
            return out
        burst = 4 if t % 37 in (5, 6, 7) else 1
        return {'C': arm('c', canaries, factor if t >= onset else burst), 'B': arm('b', baselines, 1)}
    return make


def sparse(rng, t):
    """Little traffic; one canary instance is replaced, one baseline instance comes late."""
    out = {'C': {}, 'B': {}}
    for arm, i in [('C', 0), ('C', 1 if t < 60 else 2), ('C', 3)] + [('B', j) for j in range(3 if t < 90 else 4)]:
        n = rng.randint(0, 5)
        if n:
            out[arm]['%s%d' % (arm.lower(), i)] = (n, binomial(rng, n, .08 + .04 * i))
    return out


AT = [1, 5, 12, 13, 25, 64, 65, 100, 128, 150, 181, 200]
print(json.dumps({'rho': RHO, 'cap': CAP, 'windowsPerEpoch': PER_EPOCH, 'cases': [
    case('2+2, lasting differences, onset', 1, 200, even(2, 2, 48, 72, .03, .3, 120, 2), 0, 20, AT),
    case('5+3, bursts, onset', 2, 200, even(5, 3, 90, 130, .02, .1, 150, 1.6), 0, 20, AT),
    case('5+3, no horizon', 3, 200, even(5, 3, 20, 30, .05, 0, 100, 1.3), 0, 0, AT),
    case('sparse, instances come and go', 4, 200, sparse, .3, 20, AT),
    case('1+1', 5, 200, even(1, 1, 40, 60, .05, 0, 90, 2), 0, 10, AT),
]}, separators=(',', ':')))
