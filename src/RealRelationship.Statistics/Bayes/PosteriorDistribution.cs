namespace RealRelationship.Statistics;

/// <summary>The posterior distribution of one quantity.</summary>
public abstract class PosteriorDistribution
{
    private const double LargestTail = 1e-9; // where the search for the shortest interval ends
    private const int Places = 256;
    private const int MaxSteps = 30;
    private const double LastStep = 1e-12; // of the width: nothing but rounding is left

    private readonly Lazy<Interval> _central;
    private readonly Lazy<Interval> _shortest;

    private protected PosteriorDistribution(double probability)
    {
        _central = new(() => new(Quantile((1 - probability) / 2), Quantile((1 + probability) / 2)));
        _shortest = new(() => FindShortest(probability));
    }

    /// <summary>Expected value; null if it does not exist.</summary>
    public abstract double? Mean { get; }

    /// <summary>Standard deviation; null if it does not exist.</summary>
    public abstract double? StandardDeviation { get; }

    /// <summary>Median.</summary>
    public double Median => Quantile(0.5);

    /// <summary>Interval with equal probabilities outside at both ends.</summary>
    public Interval Central => _central.Value;

    /// <summary>Shortest of all intervals with the probability.</summary>
    public Interval Shortest => _shortest.Value;

    /// <summary>The value that is not exceeded with probability p.</summary>
    /// <param name="p">Strictly between 0 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="p"/> is not strictly between 0 and 1.</exception>
    public double Quantile(double p) => QuantileOf(QuantileSolver.RequireProbability(p));

    /// <summary>Probability of a larger value.</summary>
    /// <param name="x">Any number.</param>
    public double UpperTail(double x) => Math.Clamp(At(x).UpperTail, 0, 1);

    /// <summary>Probability density.</summary>
    /// <param name="x">Any number.</param>
    public double Density(double x) => Math.Max(0, At(x).Density);

    /// <summary>Upper tail, density and the density's slope at x.</summary>
    internal abstract NormalMixture.Point At(double x);

    /// <summary>Whether the density rises to one maximum and falls, as far as its values at many places show.</summary>
    private protected abstract bool IsUnimodal { get; }

    /// <summary>Smallest possible value.</summary>
    private protected abstract double Least { get; }

    /// <summary>Largest possible value.</summary>
    private protected abstract double Most { get; }

    private protected abstract double QuantileOf(double p);

    /// <summary>Between the quantiles at p and p + probability: the width is least where the densities at both ends are equal, or at an end of the
    /// range.</summary>
    private Interval FindShortest(double probability)
    {
        var rest = 1 - probability;
        var (least, most) = (double.IsFinite(Least) ? 0 : LargestTail * rest, double.IsFinite(Most) ? rest : (1 - LargestTail) * rest);
        var isUnimodal = IsUnimodal;
        if (!isUnimodal)
        {
            var step = (most - least) / Places;
            var best = Enumerable.Range(0, Places + 1).MinBy(i => Width(least + i * step));
            (least, most) = (least + Math.Max(0, best - 1) * step, least + Math.Min(Places, best + 1) * step);
        }
        if (Slope(least) >= 0 || Slope(most) <= 0)
        {
            return Between(Slope(least) >= 0 ? least : most);
        }
        return (isUnimodal ? StepToEqualDensities(probability) : null) ?? Between(RootFinder.FindBetween(Slope, least, most));

        Interval Between(double p) => new(p <= 0 ? Least : QuantileOf(p), p >= rest ? Most : QuantileOf(p + probability));
        double Width(double p) => Between(p).Upper - Between(p).Lower;
        double Slope(double p) => Density(Between(p).Lower) - Density(Between(p).Upper); // has the sign of the derivative of the width
    }

    /// <summary>Newton's method from the central interval; null where it does not converge.</summary>
    private Interval? StepToEqualDensities(double probability)
    {
        var ((lower, upper), lastStep) = (Central, double.PositiveInfinity);
        for (var i = 0; i < MaxSteps && lower > Least && upper < Most && lower < upper; i++)
        {
            var (l, u) = (At(lower), At(upper));
            if (!(l.Slope > 0 && u.Slope < 0))
            {
                break;
            }
            var (missing, unequal, determinant) = (l.UpperTail - u.UpperTail - probability, l.Density - u.Density, l.Density * u.Slope - u.Density * l.Slope);
            var (dl, du) = ((u.Slope * missing + u.Density * unequal) / determinant, (l.Slope * missing + l.Density * unequal) / determinant);
            (lower, upper, var step) = (lower + dl, upper + du, Math.Abs(dl) + Math.Abs(du));
            if (step <= LastStep * (upper - lower) && step >= lastStep / 2)
            {
                return new(lower, upper);
            }
            lastStep = step;
        }
        return null;
    }
}
