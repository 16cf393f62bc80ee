using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RealRelationship.Statistics;

/// <summary>Σ wʲ, Σ wʲr and Σ wʲr² of weights w = 1/(v + τ²) and residuals r = y − c from some value c.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PowerSums(
    double W, double W2, double W3, double W4, double WR, double W2R, double W3R, double WR2, double W2R2, double W3R2)
{
    /// <summary>Of one effect.</summary>
    public static PowerSums Of(double w, double r)
    {
        var (w2, w3) = (w * w, w * w * w);
        return new(w, w2, w3, w2 * w2, w * r, w2 * r, w3 * r, w * r * r, w2 * r * r, w3 * r * r);
    }

    /// <summary>Of several effects, four at a time.</summary>
    /// <remarks>Optimised at first compilation: otherwise the first request with a million effects would run unoptimised code.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static PowerSums Of(ReadOnlySpan<double> y, ReadOnlySpan<double> v, double tau2, double centre)
    {
        var ys = MemoryMarshal.Cast<double, Vector256<double>>(y);
        var vs = MemoryMarshal.Cast<double, Vector256<double>>(v);
        var (t, c) = (Vector256.Create(tau2), Vector256.Create(centre));
        Vector256<double> sw = default, sw2 = default, sw3 = default, sw4 = default, swr = default, sw2r = default, sw3r = default, swr2 = default, sw2r2 =
            default, sw3r2 = default;
        for (var i = 0; i < vs.Length; i++)
        {
            var w = Vector256<double>.One / (vs[i] + t);
            var r = ys[i] - c;
            var w2 = w * w;
            var w3 = w2 * w;
            var (wr, w2r, w3r) = (w * r, w2 * r, w3 * r);
            sw += w;
            sw2 += w2;
            sw3 += w3;
            sw4 += w2 * w2;
            swr += wr;
            sw2r += w2r;
            sw3r += w3r;
            swr2 += wr * r;
            sw2r2 += w2r * r;
            sw3r2 += w3r * r;
        }

        var sums = new PowerSums(
            Vector256.Sum(sw), Vector256.Sum(sw2), Vector256.Sum(sw3), Vector256.Sum(sw4), Vector256.Sum(swr), Vector256.Sum(sw2r), Vector256.Sum(sw3r),
            Vector256.Sum(swr2), Vector256.Sum(sw2r2), Vector256.Sum(sw3r2));
        for (var i = vs.Length * Vector256<double>.Count; i < v.Length; i++)
        {
            sums += Of(1 / (v[i] + tau2), y[i] - centre);
        }

        return sums;
    }

    public static PowerSums operator +(PowerSums a, PowerSums b) => new(
        a.W + b.W, a.W2 + b.W2, a.W3 + b.W3, a.W4 + b.W4, a.WR + b.WR, a.W2R + b.W2R, a.W3R + b.W3R, a.WR2 + b.WR2, a.W2R2 + b.W2R2, a.W3R2 + b.W3R2);

    public static PowerSums operator -(PowerSums a, PowerSums b) => new(
        a.W - b.W, a.W2 - b.W2, a.W3 - b.W3, a.W4 - b.W4, a.WR - b.WR, a.W2R - b.W2R, a.W3R - b.W3R, a.WR2 - b.WR2, a.W2R2 - b.W2R2, a.W3R2 - b.W3R2);

    /// <summary>The same with residuals from another value: Σ wʲ(r − d)² = Σ wʲr² − 2d Σ wʲr + d² Σ wʲ.</summary>
    /// <param name="d">Distance above the first.</param>
    public PowerSums ShiftedBy(double d) => this with
    {
        WR = WR - d * W,
        W2R = W2R - d * W2,
        W3R = W3R - d * W3,
        WR2 = WR2 - d * (2 * WR - d * W),
        W2R2 = W2R2 - d * (2 * W2R - d * W2),
        W3R2 = W3R2 - d * (2 * W3R - d * W3),
    };
}
