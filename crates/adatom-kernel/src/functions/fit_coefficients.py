"""Derives the coefficients in functions.rs by weighted least squares: a rational tanh and the upper Gaussian
tail.

Needs numpy and scipy.

tanh(x) = x P(x^2) / Q(x^2) on |x| <= 9, relative error, iterated (Sanathanan-Koerner, then Lawson weights
for a near-minimax fit).  tail(x) = erfc(x / sqrt 2) / 2 = exp(-x^2 / 2) R(t), t = 1 / (1 + c x), absolute
error times x.
"""
import numpy as np
from scipy.special import erfcx

def tanh_fit(np_deg, nq_deg, top=9.0, n=4000):
    x = top * (1 - np.cos(np.linspace(0, np.pi, n)[1:])) / 2
    s = x * x; f = np.tanh(x) / x
    sc = top * top / 2
    u = s / sc - 1
    C = np.polynomial.chebyshev
    VP, VQ = C.chebvander(u, np_deg), C.chebvander(u, nq_deg)
    q = np.ones_like(x); law = np.ones_like(x); best = None
    for it in range(300):
        w = np.sqrt(law) / (f * q)
        # P - f Q = 0 with Q's leading term fixed to 1
        A = np.hstack([VP, -f[:, None] * VQ[:, 1:]]) * w[:, None]
        b = f * VQ[:, 0] * w
        sol = np.linalg.lstsq(A, b, rcond=None)[0]
        p, qc = sol[:np_deg + 1], np.r_[1, sol[np_deg + 1:]]
        q = np.abs(VQ @ qc)
        err = np.abs((VP @ p) / (VQ @ qc) / f - 1)
        if best is None or err.max() < best[0]:
            best = (err.max(), p, qc)
        if it > 10:
            law *= err / err.mean() + 1e-3; law /= law.mean()
    e, p, qc = best
    pp = C.Chebyshev(p, domain=[0, 2 * sc]).convert(kind=np.polynomial.Polynomial).coef
    qq = C.Chebyshev(qc, domain=[0, 2 * sc]).convert(kind=np.polynomial.Polynomial).coef
    return e, pp / qq[0], qq / qq[0]

def f32_err(pp, qq, top=9.0):
    x = np.linspace(-top, top, 2000001).astype(np.float32)
    s = x * x
    P = np.full_like(x, np.float32(pp[-1]))
    for c in pp[-2::-1]: P = P * s + np.float32(c)
    Q = np.full_like(x, np.float32(qq[-1]))
    for c in qq[-2::-1]: Q = Q * s + np.float32(c)
    y = x * P / Q
    t = np.tanh(x.astype(float))
    return np.abs(y - t).max(), np.abs(y[x != 0] / t[x != 0] - 1).max()

for d in [(6, 3), (4, 4), (5, 3), (4, 3), (3, 4), (3, 3), (5, 2), (6, 2)]:
    e, pp, qq = tanh_fit(*d)
    print("tanh", d, "rel", e, "f32", f32_err(pp, qq))
    print(" P", [f"{c:.9e}" for c in pp], "\n Q", [f"{c:.9e}" for c in qq])

def tail_fit(c, deg, top=14.0, n=4000):
    x = top * (1 - np.cos(np.linspace(0, np.pi, n))) / 2
    g = 0.5 * erfcx(x / np.sqrt(2)); wt = np.exp(-x * x / 2) * np.maximum(x, 0.5)
    t = 1 / (1 + c * x); law = np.ones_like(x); best = None
    V = np.vander(t, deg + 1, increasing=True)
    for it in range(200):
        w = np.sqrt(law) * wt
        sol = np.linalg.lstsq(V * w[:, None], g * w, rcond=None)[0]
        err = np.abs(V @ sol - g) * wt
        if best is None or err.max() < best[0]: best = (err.max(), sol)
        law *= err / err.mean() + 1e-3; law /= law.mean()
    return best

for deg in (5, 6, 7):
    r = min(((tail_fit(c, deg), c) for c in np.arange(0.15, 0.6, 0.025)), key=lambda z: z[0][0])
    print("tail", deg, "c", r[1], "err", r[0][0], [f"{v:.9e}" for v in r[0][1]])
