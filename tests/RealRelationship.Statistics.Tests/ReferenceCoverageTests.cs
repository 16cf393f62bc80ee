using System.Text.Json;

namespace RealRelationship.Statistics.Tests;

/// <summary>Every combination of method and option either has a reference or stands below among the gaps, with the reason.
/// A new value of an enum fails here until it has one.</summary>
public sealed class ReferenceCoverageTests
{
    private const string TrimAndFillNote = "trim and fill sees of the estimator nothing but the mean, which `random` covers";
    private const string UnsupportedNote = "refused: dependent effects are tested by the normal or the t distribution";
    private const string DenseReferenceNote = "the file has none; MultilevelAlgebraTests hold it to k × k matrices, to 1e-9";

    /// <summary>What knowingly has no reference, and why. A star stands for anything.</summary>
    private static readonly Dictionary<string, string> Gaps = new(StringComparer.Ordinal)
    {
        ["qProfile CommonEffect"] = "no τ², no interval",
        ["qProfile Hedges"] = "bounds do not depend on the estimator: see the test below",
        ["qProfile HunterSchmidt"] = "the same",
        ["qProfile HunterSchmidtCorrected"] = "the same",
        ["qProfile SidikJonkman"] = "the same",
        ["qProfile EmpiricalBayes"] = "the same",
        ["qProfile PauleMandelMedianUnbiased"] = "the same",
        ["qProfile IteratedDerSimonianLaird"] = "the same",
        ["moderators */StudentT"] = "the z test's standard error with Knapp and Hartung's degrees of freedom, both covered",
        ["moderators */KnappHartungAdHoc"] = "the larger of two standard errors that are covered",
        ["trimFill */Hedges"] = TrimAndFillNote,
        ["trimFill */HunterSchmidt"] = TrimAndFillNote,
        ["trimFill */HunterSchmidtCorrected"] = TrimAndFillNote,
        ["trimFill */SidikJonkman"] = TrimAndFillNote,
        ["trimFill */MaximumLikelihood"] = TrimAndFillNote,
        ["trimFill */EmpiricalBayes"] = TrimAndFillNote,
        ["trimFill */PauleMandel"] = TrimAndFillNote,
        ["trimFill */PauleMandelMedianUnbiased"] = TrimAndFillNote,
        ["trimFill */IteratedDerSimonianLaird"] = TrimAndFillNote,
        ["selection Less"] = "Greater with the signs turned: see the test below",
        ["egger Mixed/InverseSquareRootN"] = "the column of Linear/InverseSquareRootN in the regression of Mixed/StandardError, both covered",
        ["threeLevel */KnappHartung"] = UnsupportedNote,
        ["threeLevel */KnappHartungAdHoc"] = UnsupportedNote,
        ["che ML"] = DenseReferenceNote,
        ["robust CorrelatedHierarchical/CR0"] = DenseReferenceNote,
        ["robust CorrelatedHierarchical/CR1"] = DenseReferenceNote,
        ["nested regression CorrelatedHierarchical/*"] = DenseReferenceNote,
        ["robust FourLevel/*"] = "fourLevel.json: FourLevelModelTests",
        ["nested regression FourLevel/*"] = "likewise",
        ["nested regression ThreeLevel/CR0"] = DenseReferenceNote,
        ["nested regression ThreeLevel/CR1"] = DenseReferenceNote,
        ["aggregate Simple"] = "1′V1/k² by hand in AggregationTests",
        ["prediction Riley"] = "t with one degree of freedom fewer, by hand in RandomEffectsModelTests",
        ["method PermutationTest"] = "depends on a seed, and metafor's generator is another",
        ["method HunterSchmidt"] = "not in metafor",
        ["method PetPeese"] = "a choice between two limits that are covered",
    };

    /// <summary>Every public enum that combinations are made of, and those that none are made of.</summary>
    private static readonly HashSet<Type> KnownEnums =
    [
        typeof(TauSquaredEstimator), typeof(CoefficientTest), typeof(PredictionDistribution), typeof(SubgroupTauSquared), typeof(TrimAndFillEstimator),
        typeof(FunnelSide), typeof(SelectionDirection), typeof(SmallStudyPredictor), typeof(DependenceModel), typeof(RobustVariance),
        typeof(AggregationWeights),
        typeof(SelectionFunction), // frontier/selectionPlus.json: SelectionPlusReferenceTests
        typeof(OneSampleInference), // AsRequested is metafor's and clubSandwich's, WorkingModel our own: OneSampleTests
        typeof(StandardErrorBasis), // part of an answer: OneSampleTests
        typeof(ModeratorVerdict), // an answer of our own, not a choice: ModeratorModelTests
        typeof(RealRelationship.Statistics.SessionCorrelations.Standing), // likewise: ClinicStandingTests
        typeof(TauPrior), // frontier/bayes.json: BayesianReferenceTests; Uniform by another rule in BayesianMeanModelTests
        typeof(ArtifactDistributionMethod), // constructions with a known answer: HunterSchmidtTests
        typeof(RangeRestrictionKind), // likewise
        typeof(OddsRatioComparison), // conversions, by hand in EffectSizeConversionTests
    ];

    [Fact]
    public void Every_combination_has_a_reference_or_a_reason()
    {
        var covered = CoveredCombinations().ToHashSet(StringComparer.Ordinal);
        var missing = RequiredCombinations().Where(wanted => !covered.Contains(wanted) && !Gaps.Keys.Any(gap => Matches(gap, wanted)));
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_listed_gap_still_exists()
    {
        var wanted = RequiredCombinations().ToList();
        var covered = CoveredCombinations().ToList();
        Assert.All(Gaps.Keys, gap => Assert.Contains(wanted, combination => Matches(gap, combination)));
        Assert.All(Gaps.Keys, gap => Assert.DoesNotContain(covered, combination => Matches(gap, combination)));
    }

    [Fact]
    public void Every_public_enum_is_listed() =>
        Assert.Equal(KnownEnums.Select(type => type.Name).Order(),
            typeof(RandomEffectsModel).Assembly.GetExportedTypes().Where(type => type.IsEnum).Select(type => type.Name).Order());

    [Theory]
    [MemberData(nameof(ReferenceFile.All), MemberType = typeof(ReferenceFile))]
    public void Every_data_set_has_every_estimator_with_every_test(string name)
    {
        var there = ReferenceFile.Load(name).Properties("random").Select(answer => Model("random", answer.Name)).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(Pairs<TauSquaredEstimator, CoefficientTest>("random").Except(there));
    }

    [Theory]
    [MemberData(nameof(ReferenceFile.All), MemberType = typeof(ReferenceFile))]
    public void Profile_bounds_do_not_depend_on_the_estimator(string name)
    {
        var file = ReferenceFile.Load(name);
        var expected = RandomEffectsModel.Fit(file.Estimates, file.Variances).Heterogeneity;
        foreach (var estimator in Enum.GetValues<TauSquaredEstimator>().Where(estimator => estimator != TauSquaredEstimator.CommonEffect))
        {
            var heterogeneity = RandomEffectsModel.Fit(file.Estimates, file.Variances, new ModelOptions { Estimator = estimator }).Heterogeneity;
            Assert.Equal(expected.TauSquaredInterval, heterogeneity.TauSquaredInterval);
            Assert.Equal(expected.ISquaredInterval, heterogeneity.ISquaredInterval);
            Assert.Equal(expected.HSquaredInterval, heterogeneity.HSquaredInterval);
        }
    }

    [Theory]
    [MemberData(nameof(ReferenceFile.All), MemberType = typeof(ReferenceFile))]
    public void Selection_for_small_effects_is_selection_for_large_ones_with_the_signs_turned(string name)
    {
        var file = ReferenceFile.Load(name);
        var greater = SelectionModel.Fit(file.Estimates, file.Variances, [0.025]);
        var less = SelectionModel.Fit([.. file.Estimates.Select(y => -y)], file.Variances, [0.025], SelectionDirection.Less);
        Assert.Equal(greater.Effect ?? 0, -less.Effect ?? 0, 1e-12);
        Assert.Equal(greater.StandardError ?? 0, less.StandardError ?? 0, 1e-12);
        Assert.Equal(greater.TauSquared ?? 0, less.TauSquared ?? 0, 1e-12);
        Assert.Equal(greater.Notes, less.Notes);
    }

    private static IEnumerable<string> RequiredCombinations() =>
    [
        .. Pairs<TauSquaredEstimator, CoefficientTest>("random"), .. Values<TauSquaredEstimator>("qProfile"), .. Values<PredictionDistribution>("prediction"),
        .. Pairs<TauSquaredEstimator, CoefficientTest>("moderators"), .. Values<SubgroupTauSquared>("subgroup"),
        .. Pairs<TrimAndFillEstimator, TauSquaredEstimator>("trimFill"), .. Values<FunnelSide>("side"), .. Values<SelectionDirection>("selection"),
        .. Values<SelectionDirection>("selectionSensitivity"),
        "selection one step", "selection several steps",
        .. new[] { "Linear", "Mixed" }.SelectMany(model => Values<SmallStudyPredictor>($"egger {model}").Select(LastSpaceToSlash)),
        .. new[] { "REML", "ML" }.SelectMany(method => Values<CoefficientTest>($"threeLevel {method}").Select(LastSpaceToSlash)),
        "che REML", "che ML", .. Rhos("che"), .. Rhos("aggregate"), .. Values<AggregationWeights>("aggregate"),
        .. Pairs<DependenceModel, RobustVariance>("robust"), .. Pairs<DependenceModel, RobustVariance>("nested regression"), "nested regression HTZ",
        .. new[] { "Peese", "RankCorrelation", "FailSafeN Rosenthal", "FailSafeN Orwin", "FailSafeN Rosenberg", "HenmiCopas", "ExcessSignificance",
            "LeaveOneOut",
            "Influence", "Cumulative", "Shrinkage", "PermutationTest", "HunterSchmidt", "PetPeese" }.Select(method => $"method {method}"),
    ];

    private static IEnumerable<string> CoveredCombinations() => Directory.GetFiles(ReferenceFile.PathOf("."), "*.json")
        .Select(path => Path.GetFileNameWithoutExtension(path))
        .Where(name => name is not ("agreement" or "dependence" or "distributions" or "fourLevel" or "stage-one" or "therapists"))
        .SelectMany(name => CoveredBy(ReferenceFile.Load(name))).Distinct();

    private static IEnumerable<string> CoveredBy(ReferenceFile file) =>
    [
        .. file.Properties("random").Select(answer => Model("random", answer.Name)),
        .. file.Properties("random").Where(answer => answer.Value.GetProperty("piLower").ValueKind == JsonValueKind.Number)
            .Select(_ => "prediction SameAsTest"),
        "prediction ConfidenceDistribution", // frontier/predictionConfidence.json: PredictiveDistributionTests
        .. file.Properties("qProfile").Select(answer => $"qProfile {ReferenceFile.Options(answer.Name).Estimator}"),
        .. file.Properties("moderators").SelectMany(moderator => moderator.Value.EnumerateObject()).Where(answer => answer.Name != "subgroup")
            .SelectMany(answer => new[] { Model("moderators", answer.Name), "subgroup Common" }),
        .. file.Properties("moderators").Where(moderator => moderator.Value.TryGetProperty("subgroup", out _)).Select(_ => "subgroup Separate"),
        .. file.Properties("bias", "trimFill").Select(answer => $"trimFill {answer.Name[..2]}/{ReferenceFile.Options(answer.Name[3..]).Estimator}"),
        .. file.Properties("bias", "trimFill").Select(answer => answer.Value.GetProperty("side").GetString() == "left" ? "side Left" : "side Right"),
        "side Auto",
        .. file.Properties("bias", "selection")
            .SelectMany(answer => new[] { "selection Greater", answer.Name.Contains(',') ? "selection several steps" : "selection one step" }),
        .. file.Properties("bias").Concat(file.Properties("sensitivity")).SelectMany(MethodOf),
        .. file.Properties("dependent", "threeLevel").SelectMany(answer => new[] { ThreeLevel(answer.Name), "robust ThreeLevel/None" }),
        .. file.Properties("dependent", "robust", "threeLevel").Select(answer => $"robust ThreeLevel/{answer.Name}"),
        .. file.Properties("dependent", "che").SelectMany(answer => new[] { "che REML", $"che {answer.Name}", "robust CorrelatedHierarchical/None" }),
        .. file.Properties("dependent", "che").Where(answer => answer.Value.TryGetProperty("cr2", out _)).Select(_ => "robust CorrelatedHierarchical/CR2"),
        .. file.Properties("dependent", "moderators").SelectMany(answer => NestedRegression(answer.Value)),
        .. file.Properties("dependent", "selectionSensitivity")
            .Select(answer => answer.Name.StartsWith("less", StringComparison.Ordinal) ? "selectionSensitivity Less" : "selectionSensitivity Greater"),
        .. file.Properties("dependent", "aggregate").SelectMany(answer => new[] { "aggregate InverseVariance", $"aggregate {answer.Name}" }),
    ];

    private static IEnumerable<string> MethodOf(JsonProperty part) => part.Name switch
    {
        "eggerLm" => ["egger Linear/StandardError"],
        "eggerSqrtNinv" => ["egger Linear/InverseSquareRootN"],
        "eggerRma" => ["egger Mixed/StandardError"],
        "peeseLm" => ["method Peese"],
        "rank" => ["method RankCorrelation"],
        "failSafe" => part.Value.EnumerateObject().Select(kind => $"method FailSafeN {kind.Name}"),
        "blup" => ["method Shrinkage"],
        var name => [$"method {char.ToUpperInvariant(name[0])}{name[1..]}"],
    };

    private static IEnumerable<string> NestedRegression(JsonElement answer) =>
    [
        "nested regression ThreeLevel/None",
        .. answer.TryGetProperty("cr2", out _) ? ["nested regression ThreeLevel/CR2"] : Array.Empty<string>(),
        .. answer.TryGetProperty("htz", out _) ? ["nested regression HTZ"] : Array.Empty<string>(),
    ];

    private static string ThreeLevel(string key) => $"threeLevel {key[..^2]}/{ReferenceFile.Options("DL" + key[^2..]).Test}";

    private static string Model(string family, string key) => $"{family} {ReferenceFile.Options(key).Estimator}/{ReferenceFile.Options(key).Test}";

    private static IEnumerable<string> Rhos(string family) => new[] { "rho0", "rho0.5", "rho0.6", "rho0.8" }.Select(rho => $"{family} {rho}");

    private static IEnumerable<string> Values<T>(string family) where T : struct, Enum => Enum.GetValues<T>().Select(value => $"{family} {value}");

    private static IEnumerable<string> Pairs<TFirst, TSecond>(string family) where TFirst : struct, Enum where TSecond : struct, Enum =>
        Values<TFirst>(family).SelectMany(first => Enum.GetValues<TSecond>().Select(second => $"{first}/{second}"));

    /// <summary>The last space made a slash.</summary>
    private static string LastSpaceToSlash(string combination) =>
        combination[..combination.LastIndexOf(' ')] + "/" + combination[(combination.LastIndexOf(' ') + 1)..];

    private static bool Matches(string gap, string combination)
    {
        var parts = gap.Split('*');
        return parts.Length == 1 ? gap == combination
            : combination.StartsWith(parts[0], StringComparison.Ordinal) && combination.EndsWith(parts[1], StringComparison.Ordinal);
    }
}
