using System.Text.Json;

namespace RealRelationship.Statistics.Tests;

/// <summary>One data set with what metafor 5.1.12 answers for it.</summary>
internal sealed class ReferenceFile
{
    private static readonly Dictionary<string, TauSquaredEstimator> Estimators = new(StringComparer.Ordinal)
    {
        ["EE"] = TauSquaredEstimator.CommonEffect,
        ["DL"] = TauSquaredEstimator.DerSimonianLaird,
        ["HE"] = TauSquaredEstimator.Hedges,
        ["HS"] = TauSquaredEstimator.HunterSchmidt,
        ["HSk"] = TauSquaredEstimator.HunterSchmidtCorrected,
        ["SJ"] = TauSquaredEstimator.SidikJonkman,
        ["ML"] = TauSquaredEstimator.MaximumLikelihood,
        ["REML"] = TauSquaredEstimator.RestrictedMaximumLikelihood,
        ["EB"] = TauSquaredEstimator.EmpiricalBayes,
        ["PM"] = TauSquaredEstimator.PauleMandel,
        ["PMM"] = TauSquaredEstimator.PauleMandelMedianUnbiased,
        ["DLIT"] = TauSquaredEstimator.IteratedDerSimonianLaird,
    };

    private static readonly Dictionary<string, CoefficientTest> Tests = new(StringComparer.Ordinal)
    {
        ["z"] = CoefficientTest.Normal,
        ["t"] = CoefficientTest.StudentT,
        ["knha"] = CoefficientTest.KnappHartung,
        ["adhoc"] = CoefficientTest.KnappHartungAdHoc,
    };

    private ReferenceFile(string name)
    {
        Name = name;
        Root = JsonDocument.Parse(File.ReadAllText(PathOf($"{name}.json"))).RootElement;
        Estimates = Numbers("yi");
        Variances = Numbers("vi");
    }

    /// <summary>All data sets.</summary>
    public static TheoryData<string> All => Where(_ => true);

    /// <summary>Those with meta-regressions.</summary>
    public static TheoryData<string> WithModerators => Where(file => file.Properties("moderators").Any());

    /// <summary>Those with a categorical moderator.</summary>
    public static TheoryData<string> WithSubgroups =>
        Where(file => file.Properties("moderators").Any(moderator => moderator.Value.TryGetProperty("subgroup", out _)));

    /// <summary>Those with dependent effects.</summary>
    public static TheoryData<string> WithAggregates => Where(file => file.Properties("dependent", "aggregate").Any());

    /// <summary>Those with models of dependent effects.</summary>
    public static TheoryData<string> WithNestedModels => Where(file => file.Properties("dependent", "threeLevel").Any());

    public string Name { get; }

    public JsonElement Root { get; }

    public double[] Estimates { get; }

    public double[] Variances { get; }

    public double[] SampleSizes => Numbers("ni");

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Reference", name);

    public static ReferenceFile Load(string name) => new(name);

    /// <summary>The answers under a path, by name; none when the file has no such part.</summary>
    public IEnumerable<JsonProperty> Properties(params string[] path)
    {
        var element = Answer(path);
        return element.ValueKind == JsonValueKind.Object ? element.EnumerateObject() : [];
    }

    /// <summary>The answer under a path; undefined when the file has none.</summary>
    public JsonElement Answer(params string[] path)
    {
        var element = Root;
        foreach (var step in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(step, out element))
            {
                return default;
            }
        }
        return element;
    }

    /// <summary>The model that a key such as <c>REML/knha</c> stands for.</summary>
    public static ModelOptions Options(string key)
    {
        var parts = key.Split('/');
        return new ModelOptions
        {
            Estimator = Estimators[parts[0]],
            Test = Tests[parts.Length > 1 ? parts[1] : "z"],
            Prediction = PredictionDistribution.SameAsTest,
        };
    }

    /// <summary>The rows that have a value of a moderator, with the values as text.</summary>
    public (double[] Estimates, double[] Variances, string[] Values, bool Numeric) Moderator(string name)
    {
        var values = Root.GetProperty("data").GetProperty("mods").GetProperty(name).EnumerateArray().ToList();
        var rows = Enumerable.Range(0, values.Count).Where(i => values[i].ValueKind != JsonValueKind.Null).ToList();
        return (
            [.. rows.Select(i => Estimates[i])],
            [.. rows.Select(i => Variances[i])],
            [.. rows.Select(i => values[i].ToString())],
            rows.TrueForAll(i => values[i].ValueKind == JsonValueKind.Number));
    }

    /// <summary>The cluster of each effect as a number.</summary>
    public int[] Samples()
    {
        var clusters = Root.GetProperty("data").GetProperty("cluster").EnumerateArray().Select(x => x.ToString()).ToList();
        var distinct = clusters.Distinct(StringComparer.Ordinal).ToList();
        return [.. clusters.Select(x => distinct.IndexOf(x))];
    }

    /// <summary>The rows that have a value of a moderator, with their samples and the regression on it.</summary>
    public (double[] Estimates, double[] Variances, int[] Samples, DesignMatrix Design) NestedModerator(string name)
    {
        var (y, v, values, numeric) = Moderator(name);
        var kinds = Root.GetProperty("data").GetProperty("mods").GetProperty(name).EnumerateArray().Select(value => value.ValueKind).ToList();
        var samples = Samples().Where((_, i) => kinds[i] != JsonValueKind.Null).ToArray();
        var design = DesignMatrix.WithIntercept(y.Length);
        return (y, v, samples, numeric
            ? design.Add(new ContinuousTerm(name, [.. values.Select(double.Parse)]))
            : design.Add(new CategoricalTerm(name, values)));
    }

    private double[] Numbers(string name) => [.. Root.GetProperty("data").GetProperty(name).EnumerateArray().Select(x => x.GetDouble())];

    private static TheoryData<string> Where(Func<ReferenceFile, bool> wanted) =>
        [.. Directory.GetFiles(PathOf("."), "*.json").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)
            .Where(name => name is not ("agreement" or "dependence" or "distributions" or "fourLevel" or "stage-one" or "therapists") && wanted(Load(name)))];
}
