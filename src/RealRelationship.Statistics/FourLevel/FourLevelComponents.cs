namespace RealRelationship.Statistics;

/// <summary>Estimates of three variances.</summary>
/// <param name="Point">The likelihood at its highest maximum.</param>
/// <param name="Iterations">Steps taken from the start that led there.</param>
/// <param name="Converged">True when the steps ended at machine precision.</param>
/// <param name="SeveralModes">True when there are several local maxima.</param>
/// <param name="Free">Which variances are identified by themselves; the others were taken as 0.</param>
internal sealed record FourLevelEstimate(FourLevelPoint Point, int Iterations, bool Converged, bool SeveralModes, bool[] Free)
{
    /// <summary>Ends of a flat ridge, every point of which is as likely as <see cref="Point"/>, which is one of them; empty when there is no ridge.</summary>
    public IReadOnlyList<FourLevelPoint> Ends { get; init; } = [];

    /// <summary>The end that is farthest from <see cref="Point"/>, by its coefficients, or else by its variances; null when there is no ridge.</summary>
    public FourLevelPoint? OtherEnd => Ends.Where(end => end != Point)
        .MaxBy(end => (Distance(end.Solution.Gamma, Point.Solution.Gamma), Math.Abs(end.Variances.Within - Point.Variances.Within)));

    /// <summary>Whether all variances are known, or what is not known of them does not differ along the ridge.</summary>
    public bool IsIdentified => Array.TrueForAll(Free, isFree => isFree)
        && Enumerable.Range(0, RandomVariances.Count).All(i => RangeOf(variances => variances[i]) is null);

    /// <summary>What something can be along the ridge; null if its ends agree, or there is none.</summary>
    public Interval? RangeOf(Func<RandomVariances, double> of) =>
        Ends.Count == 0 ? null : CoefficientInference.RangeOf(Ends.Min(end => of(end.Variances)), Ends.Max(end => of(end.Variances)));

    // To 10 digits, so that variances decide where coefficients differ by rounding.
    private static double Distance(double[] a, double[] b) => Math.Round(a.Zip(b, (x, y) => Math.Abs(x - y)).Max(), 10);
}

/// <summary>Global maximum of the (restricted) likelihood over three variances of at least 0, by <see cref="NewtonSearch"/>.</summary>
/// <remarks>
/// If the information, scaled to unit diagonal, is singular at a typical point and at the optimum, the likelihood is flat along its null vector, because the
/// matrices PVᵢP depend linearly on each other wherever they are computed: every study has one sample, or every sample one effect, or both. The ridge ends
/// where a variance becomes 0, so that its ends are the highest of the fits with one of the variances left out, or with only one of them in.
/// </remarks>
internal static class FourLevelComponents
{
    private const int N = RandomVariances.Count;
    private const int MaximumStarts = 6;
    private const int ManyEffects = 2_000;
    private const double IdentificationTolerance = 1e-10;
    private const double RidgeTolerance = 1e-8;
    private const double TakesPart = 1e-4; // in a null vector of unit length

    public static FourLevelEstimate Maximise(FourLevelLikelihood likelihood)
    {
        var v = likelihood.TypicalVariance;
        var typical = likelihood.At(new(v, v, v));
        bool[] free = [.. Enumerable.Range(0, N).Select(i => typical.Information[(i * N) + i] > IdentificationTolerance * typical.Full[i])];
        var flat = FlatDirections(typical, free);
        if (flat.Count == 0)
        {
            return Maximise(likelihood, free);
        }
        var faces = Enumerable.Range(0, N).Where(i => free[i] && (flat.Count > 1 || Math.Abs(flat[0][i]) > TakesPart))
            .Select(i => Maximise(likelihood, [.. free.Select((isFree, j) => isFree && (flat.Count > 1 ? i == j : i != j))])).ToList();
        var best = faces.MaxBy(face => face.Point.LogLikelihood)!;
        var tolerance = 1e3 * likelihood.Rounding(best.Point.LogLikelihood);
        return FlatDirections(best.Point, free).Count == 0
            ? Maximise(likelihood, free)
            : best with { Free = free, Ends = [.. faces.Select(face => face.Point).Where(end => end.LogLikelihood > best.Point.LogLikelihood - tolerance)] };
    }

    /// <summary>Null vectors of the scaled information of the variances that are free.</summary>
    private static List<double[]> FlatDirections(FourLevelPoint point, bool[] free)
    {
        int[] of = [.. Enumerable.Range(0, N).Where(i => free[i])];
        var n = of.Length;
        double[] Scale(int i) => [.. of.Select(j => point.Information[(i * N) + j]
            / Math.Sqrt(point.Information[(i * N) + i]) / Math.Sqrt(point.Information[(j * N) + j]))];
        var (scaled, vectors) = (of.SelectMany(Scale).ToArray(), new double[n * n]);
        SymmetricMatrix.Eigen(scaled, n, vectors);
        return [.. Enumerable.Range(0, n).Where(c => scaled[(c * n) + c] < RidgeTolerance).Select(c =>
        {
            var vector = new double[N];
            for (var i = 0; i < n; i++)
            {
                vector[of[i]] = vectors[(i * n) + c];
            }
            return vector;
        })];
    }

    private static FourLevelEstimate Maximise(FourLevelLikelihood likelihood, bool[] free)
    {
        var modes = NewtonSearch.Different(Starts(likelihood, free).Select(start => MaximiseFrom(likelihood, likelihood.At(start), free)));
        var best = modes.MaxBy(mode => mode.Point.LogLikelihood)!;
        return new(best.Point, best.Iterations, best.Converged, modes.Count > 1, free);
    }

    /// <summary>Local maxima on a grid of the free variances, the highest first.</summary>
    private static IEnumerable<RandomVariances> Starts(FourLevelLikelihood likelihood, bool[] free)
    {
        var data = likelihood.Data;
        var (lower, upper) = LikelihoodGrid.Range(data.V.Min(), likelihood.Rho, data.LargestResidual);
        var points = data.Effects <= ManyEffects ? 7 : 5;
        double[][] axes = [.. free.Select(isFree => isFree ? LikelihoodGrid.Axis(lower, upper, points) : [0])];
        var values = new Dictionary<(int, int, int), double>();
        var (second, third) = (axes[1].Length, axes[2].Length);
        for (var point = 0; point < axes[0].Length * second * third; point++)
        {
            CancellationScope.ThrowIfCancelled();
            var (a, b, c) = (point / (second * third), point / third % second, point % third);
            values.Add((a, b, c), likelihood.LogLikelihood(new(axes[0][a], axes[1][b], axes[2][c])));
        }
        return values.Where(value => IsPeak(values, value.Key, value.Value)).OrderByDescending(value => value.Value).Take(MaximumStarts)
            .Select(value => new RandomVariances(axes[0][value.Key.Item1], axes[1][value.Key.Item2], axes[2][value.Key.Item3]));
    }

    private static bool IsPeak(Dictionary<(int, int, int), double> values, (int A, int B, int C) at, double value)
    {
        for (var near = 0; near < 27; near++)
        {
            var neighbour = (at.A + (near / 9) - 1, at.B + (near / 3 % 3) - 1, at.C + (near % 3) - 1);
            if (values.TryGetValue(neighbour, out var there) && there > value)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The maximum over the free variances that steps from a point lead to.</summary>
    public static LikelihoodMode<FourLevelPoint> MaximiseFrom(FourLevelLikelihood likelihood, FourLevelPoint point, bool[] free) => NewtonSearch.Maximise(
        point, from => FourLevelStep.Of(from, free), (from, step, t) => likelihood.At(RandomVariances.Of(
            [.. step.Change.Select((change, i) => Math.Max(0, from.Variances[i] + (t * change)))])), likelihood.Rounding);
}
