using System.Runtime.InteropServices;

using RealRelationshipApi.Analyses.Bayes;
using RealRelationshipApi.Analyses.Bias;
using RealRelationshipApi.Analyses.Coverage;
using RealRelationshipApi.Analyses.Diagnostics;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Multiverse;
using RealRelationshipApi.Analyses.Plan;
using RealRelationshipApi.Analyses.Regression;
using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Analyses.Limits;

/// <summary>Estimated cost of an analysis.</summary>
/// <remarks>
/// The constants are seconds on one core of about 3 GHz, measured by <c>dotnet run -c Release --project tests/Faults -- costs</c>, which fails if an estimate
/// is off by more than a factor of five. In the formulas k is the number of effects, m of samples and p of columns.
/// </remarks>
/// <param name="Seconds">Computing time.</param>
/// <param name="MemoryBytes">Working memory.</param>
/// <param name="ResponseBytes">Size of the response.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AnalysisCost(double Seconds, double MemoryBytes, double ResponseBytes)
{
    // A fit of a mean with its intervals, per effect.
    private const double Mean = 1.5e-6;
    private const double NestedMean = 1.2e-5;

    // The same with random effects of studies, whose grid has three variances, for any number of columns more and p².
    private const double FourLevelMean = 2e-4;
    private const double FourLevelColumns = 3e-6;

    // What a fit without intervals costs of it.
    private const double FourLevelRefit = 0.25;

    // The same without intervals and robust variances.
    private const double Estimate = 4e-7;

    // Nested effects that come and go: adding an effect to the sums, a fit by these, and a change of an effect that is not in the sums.
    private const double IncrementalSum = 1e-5;
    private const double IncrementalFit = 2e-5;
    private const double ProposedEffect = 1.5e-6;
    private const double IncrementalBytes = 400;

    // Robust variances of all deletions or additions, per sample and cube of its variances; number of samples up to which they are summed one by one.
    private const double SandwichSums = 1e-5;
    private const double SandwichPoints = 500;

    // A fit with several columns, per effect and p².
    private const double Columns = 2e-7;
    private const double NestedColumns = 1.7e-7;

    // CR2 adjustment of one sample of r rows on its basis, per r²p² and r³.
    private const double Adjustment = 2e-9;
    private const double Eigen = 3e-9;

    // CR2 adjustments of clusters of several samples, by matrices of all their rows and, from some number of rows, by quadrature, per row and p².
    private const double DenseCluster = 64;
    private const double Quadrature = 1e-6;

    // Degrees of freedom of one combination of coefficients, per sample and p²; of an omnibus test of q of them q² times as much.
    private const double Combination = 1e-9;

    // One deletion or addition of an effect, per effect; at most, by interpolated sums, for any number of them.
    private const double Deletion = 3e-7;
    private const double InterpolatedDeletion = 5e-6;

    // An e-value with its confidence sequence at one look, for any number of effects by interpolated sums; bytes an effect.
    private const double Look = 8e-5;
    private const double LookBytes = 400;
    private const double SequenceItem = 500;

    // Reading an earlier version of a study, and selecting from it.
    private const double Version = 1e-4;
    private const double VersionBytes = 5_000;

    // All tests of bias, per effect, and of rank correlation per pair.
    private const double Bias = 6e-5;
    private const double Pair = 2e-9;

    // A step selection model, per effect and p², and another weight function, per effect.
    private const double Selection = 5e-6;
    private const double SelectionFunction = 4e-4;

    // An average of four Bayesian models, and per effect; the posterior of an effect; number of priors of a table of them.
    private const double Average = 5e-4;
    private const double AverageOfEffect = 1e-5;
    private const double PosteriorOfEffect = 1e-5;
    private const int Priors = 9;

    // A profile of τ², per effect; a fit to a subset, and per effect of it; bytes of its result.
    private const double ProfileOfEffect = 3e-6;
    private const double SubsetFit = 3e-6;
    private const double SubsetOfEffect = 3e-7;
    private const double SubsetBytes = 64;

    // What a specification costs beside its fit, one change of its signs, and that per sample.
    private const double Specification = 3e-5;
    private const double SignChange = 3e-8;
    private const double SignedTerm = 5e-10;

    // Bytes of responses: a row of the diagnostics, the profile, a map of subsets, and a specification.
    private const double DiagnosticItem = 500;
    private const double ProfileBytes = 10_000;
    private const double MapBytes = 1_000_000;
    private const double SpecificationItem = 700;
    private const double PosteriorItem = 360;
    private const double PosteriorBytes = 10_000;

    // One permutation or replicate, per effect and p².
    private const double Permutation = 2e-8;
    private const double Replicate = 5e-7;

    // The nodes of a predictive distribution and a location–scale model, per effect and p²; and a predicted mean beside them.
    private const double PredictedNodes = 1e-6;
    private const double LocationScale = 5e-6;
    private const double PredictedMean = 1e-3;

    // Sizes of a study and numbers of studies that a plan tries, distances between several studies, points of its quadrature, and studies on average.
    private const int PlannedSizes = 24;
    private const int PlannedNumbers = 9;
    private const int PlanDistances = 9;
    private const int PlanPoints = 40;
    private const int PlanAdded = 40;

    // A fit in a plan, per effect, of a contrast per p², too; and what a design costs besides.
    private const double PlannedMean = 1.2e-7;
    private const double PlannedWidth = 1.5e-7;
    private const double PlannedContrast = 1.5e-7;
    private const double NestedPlannedMean = 1.6e-6;
    private const double NestedPlannedWidth = 4e-7;
    private const double NestedPlannedContrast = 3e-7;
    private const double PlannedDesign = 5e-5;

    // Interval and predicted values of a level, and the interval of a contrast, for any number of effects.
    private const double LevelInference = 2e-3;
    private const double ContrastInference = 5e-4;

    // Bytes of an item of a response.
    private const double StudyItem = 260;
    private const double LevelItem = 1_500;
    private const double ContrastItem = 450;
    private const double SensitivityItem = 900;

    // Bytes of a cell of the coverage, and the number of combinations that are always listed.
    private const double CellItem = 200;
    private const double MaxCells = 108 * (CoverageAnalysis.MaxCountries + 1);

    // Bytes of an effect in memory, without columns.
    private const double EffectBytes = 200;

    // Most time and memory of a cheap analysis, which may take all slots of its client.
    private const double MaxCheapSeconds = 0.01;
    private const double MaxCheapBytes = 16e6;

    // Bytes of a change in a response.
    private const double ChangeItem = 900;

    // A confidence sequence at one look, for any number of effects.
    private const double Sequence = 2e-4;

    // Bytes of an item of the news.
    private const double NewsItem = 3_500;

    // Bytes of an association on all its bases.
    private const double AssociationItem = 2_500;

    // Reading a site's sessions: the sums of a therapist, the record of a patient, and a patient in all replicates of a bootstrap.
    private const double TherapistRead = 5e-6;
    private const double PatientRead = 5e-5;
    private const double PatientReplicates = 2e-5;

    // Bytes of a patient in memory.
    private const double PatientBytes = 2_000;

    /// <summary>Whether it takes a slot so briefly that one client may take all of them.</summary>
    public bool IsCheap => Seconds <= MaxCheapSeconds && MemoryBytes <= MaxCheapBytes;

    public static AnalysisCost operator +(AnalysisCost a, AnalysisCost b) =>
        new(a.Seconds + b.Seconds, Math.Max(a.MemoryBytes, b.MemoryBytes), a.ResponseBytes + b.ResponseBytes);

    /// <summary>Pooling, and whatever draws or exports a pooled result.</summary>
    public static AnalysisCost Pool(AnalysisSize size) => Fit(size, 1) + new AnalysisCost(0, 0, size.Effects * StudyItem);

    /// <summary>One fit, and all contrasts, per moderator.</summary>
    public static AnalysisCost Moderators(AnalysisSize size) => size.Columns.Aggregate(Fit(size, 1), (sum, p) =>
        sum + Fit(size, p) + Tests(size, p, p + (p * (p - 1) / 2))
            // Within samples: columns of means and of deviations.
            + (size.IsNested ? Fit(size, (2 * p) - 1) + Tests(size, (2 * p) - 1, (2 * p) - 1) : default)
            + new AnalysisCost(p * (LevelInference + ((p - 1) / 2 * ContrastInference)), 0, (p * LevelItem) + (p * (p - 1) / 2 * ContrastItem)));

    /// <summary>A fit of all terms, two more by maximum likelihood, predicted values, a location–scale model, and permutations or replicates.</summary>
    public static AnalysisCost Regression(AnalysisSize size, RegressionRequest request)
    {
        var p = 1 + size.Columns.Sum(columns => columns - 1);
        var means = (request.At?.Count ?? 0) + (request.MarginalMeans == true ? p : 0);
        var squares = size.Effects * p * p;
        // Up to 5,000 permutations are enumerated of few effects.
        var permutations = request.Permutations is { } n ? Math.Max(n, size.Effects <= 15 ? 5_000 : 0) : 0;
        return Fit(size, p) + Fit(size, p) + Tests(size, p, (4 * p) + means) + new AnalysisCost(
            (squares * ((permutations * Permutation) + ((request.Bootstrap ?? 0) * Replicate) + (means > 0 && !size.IsNested ? PredictedNodes : 0)
                + (request.ScaleTerms is null ? 0 : LocationScale)))
                + (means * (size.IsNested ? 0 : PredictedMean)), 0, ((2 * p) + means) * ContrastItem);
    }

    public static AnalysisCost Biases(AnalysisSize size, BiasRequest request)
    {
        var columns = 1 + size.Columns.Sum(p => p - 1);
        return Fit(size, 2) + Tests(size, 2, 4) + new AnalysisCost(
            (size.Effects * (Bias + (Selection * ((columns * columns) - 1)) + (SelectionFunction * (request.SelectionModels?.Count ?? 0))))
                + (size.Effects * size.Effects * Pair), 0, size.Effects * 100);
    }

    /// <summary>Averages of four models, one for each prior, and the posterior of each effect, or composite of a sample.</summary>
    public static AnalysisCost Bayes(AnalysisSize size, BayesRequest request) => Fit(size, 1) + new AnalysisCost(
        ((Average + (size.Samples * AverageOfEffect)) * (request.PriorSensitivity == true ? Priors : 1)) + (size.Samples * PosteriorOfEffect), 0,
        PosteriorBytes + (size.Samples * PosteriorItem));

    /// <summary>Deletions of each row, a profile, and fits to subsets.</summary>
    public static AnalysisCost Diagnostics(AnalysisSize size, DiagnosticsRequest request) =>
        Sensitivity(size) + Profile(size) + Subsets(size, request) + new AnalysisCost(0, 0, size.Effects * DiagnosticItem);

    /// <summary>A profile likelihood of τ², beside the pool.</summary>
    public static AnalysisCost Profile(AnalysisSize size) => Pool(size) + new AnalysisCost(size.Effects * ProfileOfEffect, 0, ProfileBytes);

    /// <summary>Fits to subsets of the effects, or of the composites of samples, beside the pool.</summary>
    public static AnalysisCost Subsets(AnalysisSize size, ISubsetRequest request)
    {
        var rows = Math.Min(size.Effects, size.Samples);
        var subsets = DiagnosticsAnalysis.SubsetsOf(rows, request);
        return Pool(size) + new AnalysisCost(subsets * (SubsetFit + (rows / 2 * SubsetOfEffect)), subsets * SubsetBytes, MapBytes);
    }

    /// <summary>A fit of each specification, and its estimate with each change of signs.</summary>
    public static AnalysisCost Multiverse(AnalysisSize size, MultiverseRequest request)
    {
        var (ofRows, nested) = MultiverseAnalysis.CountOf(request, size.IsNested, size.Columns);
        // More are rejected.
        var count = Math.Min(MultiverseRequest.MaxSpecifications, ofRows + nested);
        var share = count / Math.Max(1, ofRows + nested);
        var changes = count * (request.Permutations ?? MultiverseRequest.DefaultPermutations);
        // Of the selections by one moderator one has all rows, the others have them together.
        var rows = size.Columns.Aggregate(1.0, (part, levels) => part * 2 / (levels + 1));
        var fits = Refits(size with { IsNested = false, IsFourLevel = false }, (int)(share * ofRows))
            + (nested > 0 ? Refits(size with { IsNested = true }, (int)(share * nested)) : default);
        return fits with { Seconds = fits.Seconds * rows } + new AnalysisCost((count * Specification) + (changes * (SignChange + (size.Samples * SignedTerm))),
            count * size.Samples * 16, count * SpecificationItem);
    }

    /// <summary>The pool, the pool without some effects, and a regression.</summary>
    public static AnalysisCost Certainty(AnalysisSize size) => Refits(size, 2) + Fit(size, 2) + Tests(size, 2, 4);

    /// <summary>Fits with new effects: for each size that is tried, and each distance between several new effects, the points of a quadrature.</summary>
    public static AnalysisCost Plan(AnalysisSize size, PlanRequest request)
    {
        var (sizes, distances, added) = request.N is null ? (PlannedSizes, 1, 1) : (PlannedNumbers, PlanDistances, PlanAdded);
        var grown = size with { Effects = size.Effects + added, Samples = size.Samples + added };
        var p = size.Columns.DefaultIfEmpty(1).First();
        var fit = request.Target switch
        {
            PlanTarget.Width => grown.Effects * (size.IsNested ? NestedPlannedWidth : PlannedWidth),
            PlanTarget.Contrast => (grown.Effects * p * p * (size.IsNested ? NestedPlannedContrast : PlannedContrast)) + PlannedDesign,
            _ => grown.Effects * (size.IsNested ? NestedPlannedMean : PlannedMean),
        };
        return Fit(grown, 1) with { Seconds = sizes * distances * PlanPoints * fit } + new AnalysisCost(0, 0, sizes * StudyItem);
    }

    /// <summary>One pass over the effects, and the cells of all combinations.</summary>
    public static AnalysisCost Coverage(AnalysisSize size) => new(size.Effects * Estimate, size.Effects * EffectBytes, (MaxCells + size.Effects) * CellItem);

    /// <summary>Deletes each effect or sample, and adds each.</summary>
    public static AnalysisCost Sensitivity(AnalysisSize size) => Repeated(size, 2) + Refits(size, 20)
        + new AnalysisCost(0, 0, (size.IsNested ? size.Samples : size.Effects) * SensitivityItem);

    /// <summary>Fits of a mean without intervals and robust variances, and two with them.</summary>
    /// <param name="size">Size of both selections together.</param>
    /// <param name="fits">Number of fits without intervals, and of changed effects over all of them.</param>
    /// <param name="changes">Number of changed effects.</param>
    public static AnalysisCost Changes(AnalysisSize size, (long Fits, double ChangedEffects) fits, int changes) => Refits(size, 2) + new AnalysisCost(
        size.IsNested && !size.NeedsRefits
            ? (size.Effects * IncrementalSum) + (fits.Fits * IncrementalFit) + (fits.ChangedEffects * ProposedEffect)
            : fits.Fits * size.Effects * Estimate,
        size.IsNested ? size.Effects * IncrementalBytes : 0, changes * ChangeItem);

    /// <summary>Reads the sums of a site, and its patients if they have to be scanned, and pools the evidence for each association.</summary>
    /// <param name="site">Size of the site.</param>
    /// <param name="effects">Number of effects in the evidence.</param>
    public static AnalysisCost Associations(SiteSize site, long effects) => new(
        (site.Therapists * TherapistRead) + (site.ScannedPatients * (PatientRead + (site.BootstrappedAssociations * PatientReplicates)))
            + (site.Associations * effects * NestedMean),
        site.ScannedPatients * PatientBytes, site.Associations * AssociationItem);

    /// <summary>Reads the evidence at each of some revisions, and pools and tests the declared moderators at each that changed something.</summary>
    /// <param name="size">Size of the question, with the declared moderators.</param>
    /// <param name="revisions">Number of revisions.</param>
    /// <param name="effects">Number of effects in the evidence, from which each revision selects.</param>
    public static AnalysisCost News(AnalysisSize size, int revisions, long effects)
    {
        var one = Moderators(size) + Pool(size);
        return new((revisions + 1) * (one.Seconds + Sequence + (2 * effects * Estimate)), one.MemoryBytes + (effects * EffectBytes), revisions * NewsItem);
    }

    public static AnalysisCost Cumulative(AnalysisSize size) => Repeated(size, 1) + Pool(size);

    /// <summary>E-values at every look of the pooled effect and of each level and contrast, as if none reached the threshold; nothing if they are not asked
    /// for.</summary>
    public static AnalysisCost Anytime(AnalysisSize size, ModelRequest? model) => model?.Sequential != SequentialChoice.Anytime ? default
        : new(size.Effects * (1 + size.Columns.Sum()) * Look, size.Effects * LookBytes, SequenceItem * (1 + size.Columns.Sum(p => p * (p + 1) / 2)));

    /// <summary>Reads versions of studies, and selects from each.</summary>
    /// <param name="versions">Their number.</param>
    public static AnalysisCost History(double versions) => new(versions * Version, versions * VersionBytes, 0);

    private static AnalysisCost Refits(AnalysisSize size, int fits) => Fit(size, 1) with
    {
        Seconds = fits * Fit(size, 1).Seconds * (size.IsFourLevel ? FourLevelRefit : 1),
    };

    // Composites of samples are deleted in the time of independent effects.
    private static AnalysisCost Repeated(AnalysisSize size, int times)
    {
        var effects = times * Math.Min(size.Effects * size.Effects * Deletion, size.Effects * InterpolatedDeletion);
        if (!size.IsNested)
        {
            return new(effects, 0, 0);
        }

        if (size.NeedsRefits)
        {
            return Refits(size, (int)Math.Min(int.MaxValue, times * size.Samples)) + new AnalysisCost(effects, 0, 0);
        }

        var (m, r) = (size.Samples, Math.Min(size.LargestSample, size.LargestVariances));
        var robust = size.IsRobust ? Math.Min(1, m / SandwichPoints) * SandwichSums * ((m * Math.Pow(Math.Min(size.Effects / m, r), 3)) + (r * r * r)) : 0;
        return new(effects + (times * ((size.Effects * IncrementalSum) + (m * IncrementalFit) + robust)), size.Effects * IncrementalBytes, 0);
    }

    private static AnalysisCost Fit(AnalysisSize size, double p)
    {
        var (k, m) = (size.Effects, size.Samples);
        if (!size.IsNested)
        {
            return new(k * (p > 1 ? p * p * Columns : Mean), k * (EffectBytes + (p > 1 ? 32 * p : 0)), 0);
        }

        // Rows of a sample on its basis: p for each of its variances.
        var r = Math.Min(size.LargestSample, size.LargestVariances * p);
        var mean = Math.Min(k / m, r);
        var robust = size.IsRobust ? (m * mean * mean * p * p * Adjustment) + (((m * mean * mean * mean) + (r * r * r)) * Eigen)
            + size.Clusters.Sum(cluster => cluster.Count * OfCluster(size, cluster.Effects, p)) : 0;
        var dense = size is { IsFourLevel: true, Clusters: [var largest, ..] } ? Math.Max(r, largest.Effects) : r;
        var likelihood = size.IsFourLevel ? FourLevelMean + (p * p * FourLevelColumns) : p > 1 ? p * p * NestedColumns : NestedMean;
        return new((k * likelihood) + robust, (k * (EffectBytes + (40 * p))) + (size.IsRobust ? (16 * m * p * p) + (40 * dense * dense) : 0), 0);
    }

    private static double OfCluster(AnalysisSize size, double effects, double p) => size.IsFourLevel || IsDense(effects, p)
        ? effects * effects * effects * Eigen : effects * p * p * Quadrature;

    private static bool IsDense(double effects, double p) => effects < Math.Max(DenseCluster, 10 * p);

    // Combinations of coefficients, and an omnibus test of all.
    private static AnalysisCost Tests(AnalysisSize size, double p, double combinations)
    {
        var q = p - 1;
        return size is { IsNested: true, IsRobust: true }
            ? new((combinations + (2 * q * q)) * size.Samples * p * p * Combination,
                (32 * size.Samples * q * q) + (16 * q * q * p * p) + (16 * size.Samples * p * p), 0)
            : new(combinations * p * p * Combination, 0, 0);
    }
}
