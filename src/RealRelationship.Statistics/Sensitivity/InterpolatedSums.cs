using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RealRelationship.Statistics;

/// <summary>Sums over effects of smooth functions of τ², known at Chebyshev points and interpolated between them: a sum over any number of effects costs as
/// much as one over the points.</summary>
/// <remarks>
/// The variable is x = ln(τ² + v), v the smallest variance: 1/(vᵢ + τ²) has its singularities at the distance π from the real axis, so that the error
/// falls as ρ⁻ⁿ with ρ = a + √(a² + 1), a = 2π over the length of the interval (Trefethen 2013, Approximation Theory and Approximation Practice, chapter 8).
/// Sums of wʲ are interpolated as those of ((τ² + v)w)ʲ, which lie between 0 and their number: the interpolant errs by a part of the largest value.
/// Evaluated by the barycentric formula (Berrut and Trefethen 2004, SIAM Review 46, 501–517); τ² = 0 is a point, where the sums are exact.
/// </remarks>
internal sealed class InterpolatedSums
{
    private const double RelativeError = 1e-15;
    private const int MaxPoints = 160;
    private const int Width = 12; // ten power sums and Σ ln(v + τ²), in groups of four

    private readonly double[] _x;
    private readonly double[] _tau2;
    private readonly double[] _weights;
    private readonly double[] _sums;
    private int _effects;

    private InterpolatedSums(double smallestVariance, double largestTauSquared, int points)
    {
        (SmallestVariance, LargestTauSquared) = (smallestVariance, largestTauSquared);
        (_x, _tau2, _weights, _sums) = (new double[points], new double[points], new double[points], new double[points * Width]);
        var (from, to) = (Math.Log(smallestVariance), Math.Log(largestTauSquared + smallestVariance));
        for (var i = 0; i < points; i++)
        {
            var share = Math.Sin(Math.PI * i / (points - 1) / 2);
            _x[i] = i == points - 1 ? to : from + (to - from) * share * share;
            _tau2[i] = i == 0 ? 0 : i == points - 1 ? largestTauSquared : Math.Exp(_x[i]) - smallestVariance;
            _weights[i] = (i % 2 == 0 ? 1 : -1) * (i == 0 || i == points - 1 ? 0.5 : 1);
        }
    }

    /// <summary>The smallest variance of all effects that are added.</summary>
    public double SmallestVariance { get; }

    /// <summary>The largest τ² at which the sums are known.</summary>
    public double LargestTauSquared { get; }

    /// <summary>Sums without any effect; null where they would need too many points.</summary>
    /// <param name="smallestVariance">Of the effects that will be added, positive.</param>
    /// <param name="largestTauSquared">The largest τ² that will be asked for, positive.</param>
    public static InterpolatedSums? Create(double smallestVariance, double largestTauSquared)
    {
        var a = 2 * Math.PI / Math.Log(1 + largestTauSquared / smallestVariance);
        var points = Math.Log(1 / RelativeError) / Math.Log(a + Math.Sqrt(a * a + 1)) + 4;
        return points <= MaxPoints ? new(smallestVariance, largestTauSquared, (int)Math.Max(8, Math.Ceiling(points))) : null;
    }

    /// <summary>Adds an effect.</summary>
    /// <param name="residual">Its distance from any value, the same for all effects.</param>
    /// <param name="variance">Its variance, not below the smallest.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(double residual, double variance)
    {
        for (var i = 0; i < _tau2.Length; i++)
        {
            var w = (SmallestVariance + _tau2[i]) / (variance + _tau2[i]);
            var (w2, wr) = (w * w, w * residual);
            var (w3, w2r) = (w2 * w, w2 * residual);
            var w3r = w3 * residual;
            var sums = _sums.AsSpan(i * Width, Width);
            sums[0] += w;
            sums[1] += w2;
            sums[2] += w3;
            sums[3] += w2 * w2;
            sums[4] += wr;
            sums[5] += w2r;
            sums[6] += w3r;
            sums[7] += wr * residual;
            sums[8] += w2r * residual;
            sums[9] += w3r * residual;
            sums[10] -= Math.Log(w);
        }
        _effects++;
    }

    /// <summary>The sums at a τ² of the interval.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (PowerSums Sums, double LogVariances) At(double tau2)
    {
        var x = tau2 == 0 ? _x[0] : Math.Log(tau2 + SmallestVariance);
        var rows = MemoryMarshal.Cast<double, Vector256<double>>(_sums);
        Vector256<double> first = default, second = default, third = default;
        var total = 0.0;
        for (var i = 0; i < _x.Length; i++)
        {
            var distance = x - _x[i];
            if (distance == 0)
            {
                (first, second, third, total) = (rows[3 * i], rows[3 * i + 1], rows[3 * i + 2], 1);
                break;
            }
            var c = _weights[i] / distance;
            total += c;
            first += c * rows[3 * i];
            second += c * rows[3 * i + 1];
            third += c * rows[3 * i + 2];
        }
        var u = 1 / (SmallestVariance + tau2);
        var (u1, u2, u3) = (u / total, u * u / total, u * u * u / total);
        return (new PowerSums(first[0] * u1, first[1] * u2, first[2] * u3, first[3] * u3 * u, second[0] * u1, second[1] * u2, second[2] * u3,
            second[3] * u1, third[0] * u2, third[1] * u3), (third[2] / total) - (_effects * Math.Log(u)));
    }
}
