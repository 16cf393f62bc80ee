namespace RealRelationship.Statistics;

/// <summary>Sums of <see cref="SandwichTerms"/> for many fits of nearly the same samples, interpolated where that costs less.</summary>
internal static class SandwichSums
{
    private const double Growth = 1.5; // of the number of samples over which one box is used
    private const int MaxOutliers = 64;

    /// <summary>Sums over all samples but one in turn.</summary>
    /// <param name="samples">All samples.</param>
    /// <param name="points">Where each sum is needed; null where it is not.</param>
    /// <param name="scales">On which they are smooth.</param>
    public static SandwichTerms[] WithoutEach(NestedSample[] samples, SandwichPoint?[] points, (LogScale Between, LogScale Within) scales)
    {
        var sums = new SandwichTerms[samples.Length];
        int[] needed = [.. Enumerable.Range(0, samples.Length).Where(i => points[i] is not null)];
        var close = WithoutOutliers(needed, points, scales);
        var box = close.Count == 0 ? null : SandwichBox.Create([.. close.Select(i => points[i]!)], samples, scales);
        if (box is not null && box.Points < close.Count)
        {
            foreach (var sample in samples)
            {
                box.Add(sample);
            }
        }
        else
        {
            close.Clear();
        }
        foreach (var i in needed)
        {
            var point = points[i]!;
            if (close.Contains(i))
            {
                var all = box!.At(point);
                sums[i] = all - point.Of(samples[i]);
                if (!sums[i].HasLostDigits(all))
                {
                    continue;
                }
            }
            sums[i] = Sum(samples.AsSpan(0, i), point) + Sum(samples.AsSpan(i + 1), point);
        }
        return sums;
    }

    /// <summary>Sums over the first sample, the first two, and so on.</summary>
    /// <inheritdoc cref="WithoutEach"/>
    public static SandwichTerms[] OfPrefixes(NestedSample[] samples, SandwichPoint?[] points, (LogScale Between, LogScale Within) scales)
    {
        var sums = new SandwichTerms[samples.Length];
        for (int from = 0, to; from < samples.Length; from = to)
        {
            to = (int)Math.Min(samples.Length, Math.Max(from + 32, Growth * from));
            int[] needed = [.. Enumerable.Range(from, to - from).Where(i => points[i] is not null)];
            var box = needed.Length == 0 ? null : SandwichBox.Create([.. needed.Select(i => points[i]!)], samples.AsSpan(0, to), scales);
            if (box is null || (double)box.Points * to > needed.Sum(i => i + 1.0))
            {
                foreach (var i in needed)
                {
                    sums[i] = Sum(samples.AsSpan(0, i + 1), points[i]!);
                }
                continue;
            }
            for (var i = 0; i < to; i++)
            {
                box.Add(samples[i]);
                if (i >= from && points[i] is { } point)
                {
                    sums[i] = box.At(point);
                }
            }
        }
        return sums;
    }

    private static SandwichTerms Sum(ReadOnlySpan<NestedSample> samples, SandwichPoint point)
    {
        var sum = default(SandwichTerms);
        for (var i = 0; i < samples.Length; i++)
        {
            CancellationScope.ThrowIfCancelled(i);
            sum += point.Of(samples[i]);
        }
        return sum;
    }

    /// <summary>Fits near the median, without the farthest.</summary>
    private static HashSet<int> WithoutOutliers(int[] needed, SandwichPoint?[] points, (LogScale Between, LogScale Within) scales)
    {
        if (needed.Length == 0)
        {
            return [];
        }
        double[][] positions =
        [
            [.. needed.Select(i => scales.Between.Position(points[i]!.Between))],
            [.. needed.Select(i => scales.Within.Position(points[i]!.Within))],
            [.. needed.Select(i => Math.Log(points[i]!.Covariance))],
        ];
        var distances = new double[needed.Length];
        foreach (var position in positions)
        {
            var median = position.Order().ElementAt(position.Length / 2);
            for (var i = 0; i < distances.Length; i++)
            {
                distances[i] = Math.Max(distances[i], Math.Abs(position[i] - median));
            }
        }
        return [.. needed.Zip(distances).OrderBy(fit => fit.Second).Take(needed.Length - Math.Min(MaxOutliers, needed.Length / 8)).Select(fit => fit.First)];
    }
}
