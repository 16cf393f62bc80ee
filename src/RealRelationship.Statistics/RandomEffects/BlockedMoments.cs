using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RealRelationship.Statistics;

/// <summary>Sums for a mean of so many effects that sorting them would cost more than the fit: four at a time,
/// in blocks distributed over the processors.</summary>
/// <remarks>
/// Lanes and blocks are added in a fixed order: the same effects in the same order give the same digits on every machine;
/// in another order the last digits may differ.
/// The most precise effect is last and not part of the blocks: only its weight can exceed half of the sum, so that sums over the others do not cancel.
/// </remarks>
/// <param name="y">Estimates.</param>
/// <param name="v">Their variances, the smallest last.</param>
internal sealed class BlockedMoments(double[] y, double[] v)
{
    /// <summary>Fewer are sorted.</summary>
    public const int MinEffects = 8_192;

    private const int BlockLength = 8_192;
    private const int MinParallelLength = 16 * BlockLength;
    private const double MaxCancellation = 100;

    private readonly int _others = y.Length - 1;

    public Moments At(double tau2)
    {
        var (others, last, _) = AroundMean(tau2);
        var all = others + last;
        // Twice the sums over pairs: (Σw)² − Σw² = 2w(Σ'w) + (Σ'w)² − Σ'w², Σ' being without the last.
        var pairs = 2 * last.W * others.W + (others.W * others.W - others.W2);
        var pairs2 = 2 * last.W2 * others.W2 + (others.W2 * others.W2 - others.W4);
        var diagonal = all.W * (all.W * others.W2 - 2 * others.W3) + others.W4 + last.W2 * others.W * others.W;
        return new(tau2, all.W, all.W2, all.WR2, all.W2R2, Math.Max(0, all.W3R2 - all.W2R * all.W2R / all.W), pairs / all.W,
            (diagonal + pairs2) / (all.W * all.W));
    }

    public (double SumW, double Mean) WeightedMean(double tau2)
    {
        var (others, last, mean) = AroundMean(tau2);
        return (others.W + last.W, mean);
    }

    /// <summary>Σ ln(v + τ²).</summary>
    public double LogVariances(double tau2)
    {
        var sums = SumBlocks(v.Length, rows => LogVariances(v.AsSpan(rows), tau2));
        return sums.Sum();
    }

    // Where residuals from 0 hide those from the mean, they are taken again from the mean that was found.
    private (PowerSums Others, PowerSums Last, double Mean) AroundMean(double tau2)
    {
        var (raw, centre) = (Around(0), 0.0);
        var distance = MeanResidual(raw);
        if (LosesPrecision(raw, distance))
        {
            centre = distance;
            raw = Around(centre);
            distance = MeanResidual(raw);
        }

        return (raw.Others.ShiftedBy(distance), raw.Last.ShiftedBy(distance), centre + distance);

        (PowerSums Others, PowerSums Last) Around(double centre) => (
            SumBlocks(_others, rows => PowerSums.Of(y.AsSpan(rows), v.AsSpan(rows), tau2, centre)).Aggregate((a, b) => a + b),
            PowerSums.Of(1 / (v[^1] + tau2), y[^1] - centre));
    }

    private static double MeanResidual((PowerSums Others, PowerSums Last) sums) => (sums.Others.WR + sums.Last.WR) / (sums.Others.W + sums.Last.W);

    private static bool LosesPrecision((PowerSums Others, PowerSums Last) raw, double distance)
    {
        var all = raw.Others + raw.Last;
        var left = all.ShiftedBy(distance);
        return all.WR2 > MaxCancellation * left.WR2 || all.W2R2 > MaxCancellation * left.W2R2 || all.W3R2 > MaxCancellation * left.W3R2;
    }

    private static T[] SumBlocks<T>(int length, Func<Range, T> sum)
    {
        var sums = new T[(length + BlockLength - 1) / BlockLength];
        if (length < MinParallelLength)
        {
            for (var block = 0; block < sums.Length; block++)
            {
                Add(block);
            }
        }
        else
        {
            Parallel.For(0, sums.Length, Add);
        }

        return sums;

        void Add(int block) => sums[block] = sum((block * BlockLength)..Math.Min(length, (block + 1) * BlockLength));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // as PowerSums.Of
    public static double LogVariances(ReadOnlySpan<double> v, double tau2)
    {
        var vs = MemoryMarshal.Cast<double, Vector256<double>>(v);
        var (t, logs) = (Vector256.Create(tau2), Vector256<double>.Zero);
        foreach (var some in vs)
        {
            logs += Vector256.Log(some + t);
        }

        var sum = Vector256.Sum(logs);
        foreach (var vi in v[(vs.Length * Vector256<double>.Count)..])
        {
            sum += Math.Log(vi + tau2);
        }

        return sum;
    }
}
