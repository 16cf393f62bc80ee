using System.Runtime.InteropServices;

namespace RealRelationship.Statistics;

/// <summary>A robust test that several coefficients are all zero: Hotelling's T² with estimated degrees of freedom (HTZ);
/// Tipton and Pustejovsky 2015, Journal of Educational and Behavioral Statistics 40.</summary>
/// <param name="F">Q (η − q + 1)/(η q), Q the Wald statistic and η the estimated degrees of freedom of its variance; 0 when η is not above q − 1.</param>
/// <param name="NumeratorDegreesOfFreedom">Coefficients tested.</param>
/// <param name="DenominatorDegreesOfFreedom">η − q + 1; null when below 1: the samples are too few for the test.</param>
/// <param name="PValue">Upper tail of F; null without degrees of freedom.</param>
public sealed record RobustWaldTest(double F, int NumeratorDegreesOfFreedom, double? DenominatorDegreesOfFreedom, double? PValue);

/// <summary>A model of dependent effects: the result of <see cref="MultilevelModel"/>.</summary>
public sealed partial record MultilevelFit
{
    /// <summary>Number of effects k.</summary>
    public required int Effects { get; init; }

    /// <summary>Number of samples m.</summary>
    public required int Samples { get; init; }

    /// <summary>Number of studies in the four-level model; null in others.</summary>
    public int? Studies { get; init; }

    /// <summary>One a column of the design, <c>intercept</c> first.</summary>
    public required IReadOnlyList<Coefficient> Coefficients { get; init; }

    /// <summary>The first coefficient: the pooled effect when there are no moderators.</summary>
    public Coefficient Mean => Coefficients[0];

    /// <summary>Covariance matrix of the coefficients, robust if requested.</summary>
    public required double[,] Covariance { get; init; }

    /// <summary>Where the true effect of a new sample is expected; null with moderators.</summary>
    public required Prediction? Prediction { get; init; }

    /// <summary>The interval of <see cref="Prediction"/>: μ ± q √(τ² + SE²).</summary>
    public Interval? PredictionInterval => Prediction?.Interval;

    /// <summary>Where the mean of a new sample's true effects is expected, μ ± q √(σ_b² + SE²), in the four-level model of a new study,
    /// μ ± q √(σ_s² + σ_b² + SE²); null with moderators.</summary>
    public required Interval? SampleMeanPredictionInterval { get; init; }

    /// <summary>Where the mean of a new study's true effects is expected, μ ± q √(σ_s² + SE²); null with moderators and without studies.</summary>
    public Interval? StudyMeanPredictionInterval { get; init; }

    /// <summary>Q (QE with moderators) with V alone.</summary>
    public required double Q { get; init; }

    /// <summary>k − p.</summary>
    public required int QDegreesOfFreedom { get; init; }

    /// <summary>Upper tail of χ² at <see cref="Q"/>; 1 without degrees of freedom.</summary>
    public required double QPValue { get; init; }

    /// <summary>σ_s², between studies, exactly 0 at the boundary; null in models without it.</summary>
    public double? StudyVariance { get; init; }

    /// <summary>What σ_s² can be when the likelihood tells only its sum with another variance, such as where every study has one sample; null when it is
    /// identified.</summary>
    public Interval? StudyRange { get; init; }

    /// <summary>Profile-likelihood interval of σ_s²; null if not requested or not identified.</summary>
    public Interval? StudyInterval { get; init; }

    /// <summary>σ_b², between samples, of one study in the four-level model; exactly 0 at the boundary.</summary>
    public required double BetweenVariance { get; init; }

    /// <summary>What σ_b² can be when the likelihood tells only a sum of the two variances: <see cref="BetweenVariance"/> is then its upper end, and no answer,
    /// like all that rests on it (<see cref="ISquaredBetween"/>, <see cref="RSquaredBetween"/>). Null when it is identified.</summary>
    public Interval? BetweenRange { get; init; }

    /// <summary>Profile-likelihood interval of σ_b²; null if not requested or not identified.</summary>
    public required Interval? BetweenInterval { get; init; }

    /// <summary>σ_w², between effects of one sample; exactly 0 at the boundary.</summary>
    public required double WithinVariance { get; init; }

    /// <summary>The same of σ_w².</summary>
    public Interval? WithinRange { get; init; }

    /// <summary>The same of their sum.</summary>
    public Interval? TauSquaredRange { get; init; }

    /// <summary>Profile-likelihood interval of σ_w²; null if not requested or not identified.</summary>
    public required Interval? WithinInterval { get; init; }

    /// <summary>τ² = σ_b² + σ_w², with σ_s² in the four-level model.</summary>
    public double TauSquared => (StudyVariance ?? 0) + BetweenVariance + WithinVariance;

    /// <summary>100 τ²/(τ² + s²), percent, with s² = (k − p)/tr P, P from V alone.</summary>
    public double ISquared => (ISquaredStudy ?? 0) + ISquaredBetween + ISquaredWithin;

    /// <summary>Q, τ² and I² in the form that models of independent effects have; without intervals. τ² and I² are null where
    /// <see cref="TauSquaredRange"/> is not.</summary>
    public Heterogeneity Heterogeneity => TauSquaredRange is null
        ? new(Q, QDegreesOfFreedom, QPValue, TauSquared, null, null, ISquared, null, null, null)
        : new(Q, QDegreesOfFreedom, QPValue, null, null, null, null, null, null, null);

    /// <summary>The part of <see cref="ISquared"/> between studies; null in models without it.</summary>
    public double? ISquaredStudy { get; init; }

    /// <summary>The part of <see cref="ISquared"/> between samples.</summary>
    public required double ISquaredBetween { get; init; }

    /// <summary>The part of <see cref="ISquared"/> inside samples.</summary>
    public required double ISquaredWithin { get; init; }

    /// <summary>metafor's <c>logLik</c>: restricted it includes −(k−p)/2·ln 2π + ½ ln|X′X|.</summary>
    public required double LogLikelihood { get; init; }

    /// <summary>Steps of the iteration that led to the highest mode.</summary>
    public required int Iterations { get; init; }

    /// <summary>True when the iteration ended at machine precision.</summary>
    public required bool Converged { get; init; }

    /// <summary>True when the (restricted) likelihood has more than one local maximum; the highest was taken.</summary>
    public required bool SeveralModes { get; init; }

    /// <summary>Row sums of the weight matrix, the inverse of the fitted covariance, as percent of their sum, in the order of the effects.
    /// They can be negative when ρ is large. They are computed when first read.</summary>
    public IReadOnlyList<double> Weights => WeightsFit.Value;

    internal Lazy<double[]> WeightsFit { get; init; } = null!;

    /// <summary>The model's own test that all coefficients but the intercept, or all their combinations identified by more than one sample
    /// (<see cref="MultilevelOptions.OneSample"/>), are zero: QM, or F with k − p degrees of freedom.
    /// Null without moderators.</summary>
    public required WaldTest? Omnibus { get; init; }

    /// <summary>The same test by F with samples − p degrees of freedom, which do not grow with the number of effects. Null without moderators or degrees of
    /// freedom.</summary>
    public required WaldTest? OmnibusOverSamples { get; init; }

    /// <summary>The same test with the robust variance (HTZ); null without moderators and without a robust variance.</summary>
    public required RobustWaldTest? RobustOmnibus { get; init; }

    /// <summary>Percentage of τ² explained: 100·max(0, (τ²₀ − τ²)/τ²₀), τ²₀ without moderators; null without moderators,
    /// if τ²₀ = 0, and if the variances are not identified. The fit without moderators is computed when this is first read.</summary>
    public double? RSquared => Explained?.Value.Total;

    /// <summary>Percentage of σ_b² explained.</summary>
    public double? RSquaredBetween => Explained?.Value.Between;

    /// <summary>Percentage of σ_w² explained.</summary>
    public double? RSquaredWithin => Explained?.Value.Within;

    /// <summary>Percentage of σ_s² explained; null in models without it.</summary>
    public double? RSquaredStudy => Explained?.Value.Study;

    internal Lazy<ExplainedVariance>? Explained { get; init; }

    /// <summary>Stable codes of caveats: <c>varianceNotIdentified</c>, <c>severalModes</c>, <c>fewSamples</c> (below 10),
    /// <c>fewClusters</c> (below 10 with as many samples),
    /// <c>fewDegreesOfFreedom</c> (a coefficient with fewer than 4), <c>noResidualDegreesOfFreedom</c>, <c>nearlyAliased</c> (as
    /// <see cref="MetaRegressionFit.NearlyAliased"/>), <c>oneSampleLevel</c> (a coefficient is identified
    /// by a single sample), <c>varianceWeaklyIdentified</c> (a coefficient moves by more than its standard error over the profile-likelihood intervals),
    /// <c>robustBelowModel</c> (a robust standard error below half of the model's).</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Options of the fit.</summary>
    public required MultilevelOptions Options { get; init; }

    /// <summary>s².</summary>
    internal double TypicalVariance { get; init; }

    /// <summary>Number of what is independent: studies where they have random effects, or else samples.</summary>
    internal int Units => Studies ?? Samples;

    internal CoefficientInference Inference { get; init; } = null!;

    /// <summary>A linear combination of the coefficients with its own degrees of freedom: a contrast, or the mean of a level.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="weights">One weight a coefficient.</param>
    /// <exception cref="ArgumentException">The number of weights differs from that of coefficients, or a weight is not finite.</exception>
    public Coefficient LinearCombination(string name, params ReadOnlySpan<double> weights)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (weights.Length != Coefficients.Count || !weights.AllFinite())
        {
            throw new ArgumentException($"There are {Coefficients.Count} coefficients, which take as many finite weights.", nameof(weights));
        }
        return Inference.ToCoefficient(name, weights);
    }

    /// <summary>The standard error of a combination that the model expects, which is not robust.</summary>
    internal double ModelStandardError(double[] weights) => Inference.ModelStandardError(weights);

    /// <summary>Probability that the true effect of a new sample exceeds a threshold: P(T &gt; (threshold − μ)/√(τ² + SE²)), T as
    /// <see cref="PredictionInterval"/> has it. It has no limits, as τ² counts as known.</summary>
    /// <param name="threshold">On the scale of the effects.</param>
    /// <returns>Null with moderators and without degrees of freedom.</returns>
    public ExceedanceProbability? ProbabilityAbove(double threshold) =>
        Coefficients.Count > 1 || TauSquaredRange is not null
            ? null
            : MultilevelModel.Predict(Mean, TauSquared, Units - 1, Options)?.ProbabilityAbove(threshold);
}

/// <summary>Percentages of variances that moderators explain; null where they cannot be told.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ExplainedVariance(double? Total, double? Between, double? Within, double? Study);
