namespace RealRelationship.Statistics;

/// <summary>How large one new study must be, or how many of a given size, for an interval that is narrow enough, or that excludes a value with enough
/// power.</summary>
/// <remarks>
/// A new effect of n participants is y ~ N(ζ, τ² + 1/(n − 3)) on Fisher z, ζ the assumed effect and τ² that of the present fit. Power is the probability
/// that the interval of the model, fitted again with the new effects, lies beyond ±margin. For one study it is an integral of an indicator over y: the sum of
/// the normal probabilities between the roots. Fits depend on m effects of equal variance by their mean and sum of squares alone, which are independent,
/// N(ζ, s²/m) and s²χ²(m − 1) with s² = τ² + 1/(n − 3); so for m studies it is the mean of that integral over χ². The expected width of the
/// interval on r has τ² held. Sutton, Cooper, Jones, Lambert, Thompson and Abrams 2007, Statistics in Medicine 26, 2479–2500, define the power of a new study
/// by the updated meta-analysis, and simulate it.
/// </remarks>
public sealed class StudyPlanning
{
    /// <summary>Largest number of participants of a new study that is considered.</summary>
    public const long MaxParticipants = 10_000_000;

    /// <summary>Largest number of new studies that is considered.</summary>
    public const int MaxStudies = 200;

    private const int MinParticipants = 4;
    private const double LimitVariance = 1e-9; // of a study without sampling error
    private const double Range = 4.5; // standard deviations
    private const int Intervals = 30;
    private const double RootTolerance = 1e-4; // standard deviations
    private const double DispersionRange = 3; // the quantile of χ² at Φ(x), |x| ≤ 3
    private const int Dispersions = 8;

    private readonly PlannedModel _model;
    private readonly double _effect;

    /// <summary>Plans for a model.</summary>
    /// <param name="model">The present effects and how they are analysed.</param>
    /// <param name="assumedEffect">The assumed true mean of new effects, on Fisher z; finite. Default: that of the present fit.</param>
    /// <exception cref="ArgumentOutOfRangeException">The assumed effect is not finite.</exception>
    public StudyPlanning(PlannedModel model, double? assumedEffect = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _effect = assumedEffect ?? model.ExpectedEffect;
        Guard.InRange(double.IsFinite(_effect), _effect, nameof(assumedEffect), "The assumed effect is finite.");
    }

    /// <summary>Probability that the interval lies beyond ±margin after new studies.</summary>
    /// <param name="studies">Number of new studies, at least 1.</param>
    /// <param name="participants">Participants of each, at least 4; positive infinity for a study without sampling error.</param>
    /// <param name="margin">On Fisher z, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public double Power(int studies, double participants, double margin)
    {
        var variance = VarianceOf(studies, participants);
        Guard.InRange(margin >= 0, margin, nameof(margin), "The margin is at least 0.");
        return MeanOverDispersion(studies, variance, (standardDeviation, effects) => Probability(x =>
            _model.Refit(effects(_effect + x * standardDeviation), variance) is { } interval ? Math.Max(interval.Lower, -interval.Upper) - margin : -1));
    }

    /// <summary>Expected full width of the interval on r after new studies, τ² held.</summary>
    /// <inheritdoc cref="Power"/>
    /// <exception cref="InvalidOperationException">The model is a contrast.</exception>
    public double Width(int studies, double participants)
    {
        var variance = VarianceOf(studies, participants);
        return MeanOverDispersion(studies, variance, (standardDeviation, effects) => NormalMean(Range, Intervals, x =>
        {
            var (lower, upper) = _model.Hold(effects(_effect + x * standardDeviation), variance);
            return FisherZ.ToCorrelation(upper) - FisherZ.ToCorrelation(lower);
        }));
    }

    /// <summary>The smallest size of one new study that has a power.</summary>
    /// <param name="power">The power, strictly between 0 and 1.</param>
    /// <param name="margin">On Fisher z, at least 0.</param>
    public PlannedSize ParticipantsForPower(double power, double margin) =>
        Find(n => Power(1, n, margin), Power(1, double.PositiveInfinity, margin), achieved => achieved - power, MinParticipants, MaxParticipants);

    /// <summary>The smallest number of new studies of a size that has a power.</summary>
    /// <inheritdoc cref="ParticipantsForPower"/>
    /// <param name="participants">Participants of each study.</param>
    /// <param name="power">The power, strictly between 0 and 1.</param>
    /// <param name="margin">On Fisher z, at least 0.</param>
    public PlannedSize StudiesForPower(double participants, double power, double margin) =>
        Find(m => Power((int)m, participants, margin), null, achieved => achieved - power, 1, MaxStudies);

    /// <summary>The smallest size of one new study with which the interval is no wider.</summary>
    /// <param name="width">Full width on r, positive.</param>
    public PlannedSize ParticipantsForWidth(double width) =>
        Find(n => Width(1, n), Width(1, double.PositiveInfinity), achieved => width - achieved, MinParticipants, MaxParticipants);

    /// <summary>The smallest number of new studies of a size with which the interval is no wider.</summary>
    /// <param name="participants">Participants of each study.</param>
    /// <param name="width">Full width on r, positive.</param>
    public PlannedSize StudiesForWidth(double participants, double width) =>
        Find(m => Width((int)m, participants), null, achieved => width - achieved, 1, MaxStudies);

    private static double VarianceOf(int studies, double participants)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(studies, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(participants, MinParticipants);
        return Math.Max(LimitVariance, 1 / (participants - 3));
    }

    /// <summary>Grows fourfold until the goal is reached, then halves the bracket on the logarithmic scale.</summary>
    private static PlannedSize Find(Func<double, double> achieve, double? limit, Func<double, double> excess, long min, long max)
    {
        var steps = new List<PlannedStep>();
        long missed = min - 1, reached = min;
        while (excess(Step(reached)) < 0)
        {
            missed = reached;
            if (reached == max)
            {
                return new PlannedSize(null, steps[^1].Achieved, limit ?? steps[^1].Achieved, steps);
            }
            reached = Math.Min(max, min - 1 + 4 * (reached - min + 1));
        }
        // A thousandth of a large study is below what power is known to.
        while (reached - missed > Math.Max(1, missed / 1000))
        {
            var offset = min - 1;
            var middle = Math.Clamp(offset + (long)Math.Sqrt(Math.Max(1.0, missed - offset) * (reached - offset)), missed + 1, reached - 1);
            (missed, reached) = excess(Step(middle)) < 0 ? (middle, reached) : (missed, middle);
        }
        return new PlannedSize(reached, steps.Find(step => step.Size == reached)!.Achieved, limit, [.. steps.OrderBy(step => step.Size)]);

        double Step(long size)
        {
            var achieved = achieve(size);
            steps.Add(new PlannedStep(size, achieved));
            return achieved;
        }
    }

    /// <summary>The mean over how far apart m effects lie, of a function of their standard deviation around ζ and of the effects at their mean.</summary>
    private double MeanOverDispersion(int studies, double variance, Func<double, Func<double, double[]>, double> value)
    {
        var spread = Math.Sqrt(_model.TauSquared + variance);
        if (studies == 1)
        {
            return value(spread, mean => [mean]);
        }
        return NormalMean(DispersionRange, Dispersions, x =>
        {
            var squares = spread * spread * ChiSquared.Quantile(Normal.LowerTail(x), studies - 1);
            return value(spread / Math.Sqrt(studies), mean => WithSumOfSquares(studies, mean, squares));
        });
    }

    /// <summary>Effects with a mean and a sum of squares around it: pairs on both sides of the mean, an odd one at it.</summary>
    private static double[] WithSumOfSquares(int studies, double mean, double squares)
    {
        var distance = Math.Sqrt(squares / (studies - studies % 2));
        var effects = new double[studies];
        for (var i = 0; i < studies; i++)
        {
            effects[i] = studies % 2 == 1 && i == studies - 1 ? mean : mean + (i % 2 == 0 ? distance : -distance);
        }
        return effects;
    }

    /// <summary>P(f(X) &gt; 0), X standard normal: f on a grid, its roots between points of different sign, and the normal probabilities between them.
    /// A region between two points is not seen.</summary>
    private static double Probability(Func<double, double> f)
    {
        const double step = 2 * Range / Intervals;
        var (x, fx, sum) = (-Range, f(-Range), 0.0);
        for (var i = 1; i <= Intervals; i++)
        {
            var (next, fNext) = (-Range + i * step, f(-Range + i * step));
            if (fx > 0 && fNext > 0)
            {
                sum += Between(x, next);
            }
            else if (fx > 0 || fNext > 0)
            {
                var root = Root(f, x, fx, next, fNext);
                sum += fx > 0 ? Between(x, root) : Between(root, next);
            }
            (x, fx) = (next, fNext);
        }
        return sum;

        // The upper tail keeps its digits.
        static double Between(double a, double b) => Normal.UpperTail(a) - Normal.UpperTail(b);
    }

    private static double Root(Func<double, double> f, double a, double fa, double b, double fb)
    {
        for (var i = 0; i < 30 && Math.Abs(b - a) > RootTolerance && fb != 0; i++)
        {
            var c = i % 3 == 2 ? (a + b) / 2 : b - fb * (b - a) / (fb - fa);
            var fc = f(c);
            if (fc * fb <= 0)
            {
                (a, fa) = (b, fb);
            }
            else
            {
                fa /= 2; // Illinois
            }
            (b, fb) = (c, fc);
        }
        return b;
    }

    /// <summary>The mean of f(X), X standard normal, by the trapezoidal rule, which converges exponentially for smooth f.</summary>
    private static double NormalMean(double range, int intervals, Func<double, double> f)
    {
        var (sum, weights) = (0.0, 0.0);
        for (var i = 0; i <= intervals; i++)
        {
            var x = -range + 2 * range * i / intervals;
            var weight = Math.Exp(-x * x / 2);
            (sum, weights) = (sum + weight * f(x), weights + weight);
        }
        return sum / weights;
    }
}
