using System.Text.Json;

namespace RealRelationship.Statistics.Tests;

/// <summary>Weight functions, the least-squares family and p-uniform* against likelihoods in R (family <c>frontier/selectionPlus</c>).</summary>
public sealed class SelectionPlusReferenceTests
{
    private const double StandardErrorTolerance = 1e-5;
    private const double LogLikelihoodTolerance = 1e-8;
    private const double LeastSquaresTolerance = 1e-10;

    private static readonly JsonElement s_reference =
        JsonDocument.Parse(File.ReadAllText(ReferenceFile.PathOf("frontier/selectionPlus.json"))).RootElement;

    /// <summary>Cases of continuous functions whose <c>logLik</c> is not the likelihood at their own estimates, by up to 1e-3: with large τ²/v the
    /// quadrature of the reference is too coarse, and metafor gives no answer there. The integral on a fine grid decides.</summary>
    private static readonly string[] s_imprecise =
    [
        .. from function in (string[])["halfnorm", "negexp", "logistic", "negexp delta fixed 1.5"]
           from data in (string[])["crede2010 first 40, large tau2", "mcdaniel1994 first 60"]
           select $"{data}: {function}",
    ];

    public static TheoryData<string> WeightFunctions => Cases("selmodel");

    public static TheoryData<string> LeastSquares => Cases("wls");

    public static TheoryData<string> PUniform => Cases("puniformStar");

    [Theory]
    [MemberData(nameof(WeightFunctions))]
    public void Weight_functions_agree_with_the_reference(string name)
    {
        var (data, options, expected) = Case(name);
        var fit = WeightFunctionModel.Fit(Numbers(data, "yi"), Numbers(data, "vi"), new WeightFunctionOptions
        {
            Function = options.GetProperty("type").GetString() switch
            {
                "stepfun" => SelectionFunction.Step,
                "halfnorm" => SelectionFunction.HalfNormal,
                "negexp" => SelectionFunction.NegativeExponential,
                "logistic" => SelectionFunction.Logistic,
                "power" => SelectionFunction.Power,
                _ => SelectionFunction.Beta,
            },
            Steps = options.GetProperty("steps") is { ValueKind: JsonValueKind.Array } steps
                ? [.. steps.EnumerateArray().Select(step => step.GetDouble())] : [],
            Fixed = options.GetProperty("deltaFixed") is { ValueKind: JsonValueKind.Array } deltas
                ? [.. deltas.EnumerateArray().Select(delta => (double?)delta.GetDouble())] : [],
            Direction = options.GetProperty("alternative").GetString() == "greater" ? SelectionDirection.Greater : SelectionDirection.Less,
        });
        var exact = new SelectionIntegral(Numbers(data, "yi"), Numbers(data, "vi"), fit.Options);
        if (fit.Options is { Function: SelectionFunction.HalfNormal or SelectionFunction.NegativeExponential or SelectionFunction.Logistic }
            && Math.Abs(exact.LogLikelihood(expected) - expected.GetProperty("logLik").GetDouble()) > 1e-8)
        {
            Assert.Contains(name, s_imprecise);
            Assert.Equal(exact.LogLikelihood(fit), fit.LogLikelihood!.Value, LogLikelihoodTolerance);
            Assert.True(fit.LogLikelihood >= exact.LogLikelihood(expected) - 1e-9, "The reference's estimates are more likely.");
            return;
        }
        var (values, errors) = (new ReferenceComparison(s_reference.GetProperty("tolerance").GetDouble()), new ReferenceComparison(StandardErrorTolerance));
        var parameters = new ReferenceComparison(s_reference.GetProperty("tolerance").GetDouble(), floor: 0.05); // their standard errors are larger
        var mean = fit.Coefficients[0];
        values.Compare(name, mean.Estimate, expected, "mu");
        values.Compare(name, fit.TauSquared, expected, "tau2");
        for (var j = 0; j < fit.Deltas.Count; j++)
        {
            (fit.Options.Function == SelectionFunction.Step ? values : parameters).Compare(name, fit.Deltas[j], expected, "delta", j);
            errors.Compare(name, fit.DeltaStandardErrors[j], expected, "deltaSe", j);
        }
        errors.Compare(name, mean.StandardError, expected, "se");
        errors.Compare(name, fit.TauSquaredStandardError, expected, "tau2Se");
        errors.Compare(name, mean.Statistic, expected, "z");
        errors.Compare(name, mean.PValue, expected, "p");
        errors.Compare(name, mean.Lower, expected, "ciLower");
        errors.Compare(name, mean.Upper, expected, "ciUpper");
        Assert.Equal(expected.GetProperty("logLik").GetDouble(), fit.LogLikelihood!.Value, LogLikelihoodTolerance);
        Assert.Equal(expected.GetProperty("atBound").GetString() == "none", !fit.Notes.Contains("atBoundary", StringComparer.Ordinal));
        if (expected.GetProperty("lrt").ValueKind == JsonValueKind.Number)
        {
            Assert.Equal(expected.GetProperty("lrt").GetDouble(), fit.LikelihoodRatio!.Value, 2 * LogLikelihoodTolerance);
            Assert.Equal(expected.GetProperty("lrtDf").GetInt32(), fit.DegreesOfFreedom);
        }
        else
        {
            Assert.Null(fit.LikelihoodRatio);
        }
        Assert.Equal(expected.GetProperty("se").ValueKind == JsonValueKind.Number, mean.StandardError is not null);
        values.AssertAgreement(atLeast: 2);
        parameters.AssertAgreement(atLeast: 0);
        errors.AssertAgreement(atLeast: mean.StandardError is null ? 0 : 5);
    }

    [Theory]
    [MemberData(nameof(LeastSquares))]
    public void The_least_squares_family_agrees_with_the_reference(string name)
    {
        var (data, _, expected) = Case(name);
        var (y, v) = (Numbers(data, "yi"), Numbers(data, "vi"));
        var comparison = new ReferenceComparison(LeastSquaresTolerance);
        var (uwls, waap) = (UnrestrictedLeastSquares.Fit(y, v), UnrestrictedLeastSquares.Powered(y, v)!);
        Compare(comparison, name + ".uwls", uwls!, expected.GetProperty("uwls"));
        comparison.Compare(name, uwls!.VarianceRatio, expected, "uwlsVarianceRatio");
        Compare(comparison, name + ".waapUwls", waap.Mean, expected.GetProperty("waapUwls"));
        Assert.Equal(expected.GetProperty("waapPowered").GetInt32(), waap.Powered);
        Assert.Equal(expected.GetProperty("waapUsed").GetString() == "waap", waap.UsesPowered);
        if (expected.TryGetProperty("uwlsPlus3", out var plus3))
        {
            Compare(comparison, name + ".uwlsPlus3", UnrestrictedLeastSquares.OfCorrelations(Numbers(data, "ri"), Numbers(data, "ni"))!, plus3);
        }
        comparison.AssertAgreement(atLeast: 13);
    }

    [Theory]
    [MemberData(nameof(PUniform))]
    public void P_uniform_star_agrees_with_the_reference(string name)
    {
        var (data, options, expected) = Case(name);
        var fit = PUniformStar.Fit(Numbers(data, "yi"), Numbers(data, "vi"), alpha: options.GetProperty("alphaOneSided").GetDouble());
        var comparison = new ReferenceComparison(options.GetProperty("tolerance").GetDouble());
        comparison.Compare(name, fit.Effect, expected, "mu");
        comparison.Compare(name, fit.TauSquared, expected, "tau2");
        comparison.Compare(name, fit.Lower, expected, "ciLower");
        comparison.Compare(name, fit.Upper, expected, "ciUpper");
        comparison.Compare(name, fit.LikelihoodRatio, expected, "lrt0");
        comparison.Compare(name, fit.PValue, expected, "lrt0P");
        comparison.Compare(name, fit.TauSquaredLikelihoodRatio, expected, "lrtTau2");
        comparison.Compare(name, fit.LogLikelihood, expected, "logLik");
        Assert.Equal(expected.GetProperty("significant").GetInt32(), fit.Significant);
        Assert.Equal(expected.GetProperty("ciLower").ValueKind == JsonValueKind.Null, fit.Lower is null);
        comparison.AssertAgreement(atLeast: 7);
    }

    private static void Compare(ReferenceComparison comparison, string where, UnrestrictedMean mean, JsonElement expected)
    {
        comparison.Compare(where, mean.Estimate, expected, "estimate");
        comparison.Compare(where, mean.StandardError, expected, "se");
        comparison.Compare(where, mean.Statistic, expected, "t");
        comparison.Compare(where, mean.PValue, expected, "p");
        comparison.Compare(where, mean.Lower, expected, "ciLower");
        comparison.Compare(where, mean.Upper, expected, "ciUpper");
        Assert.Equal(expected.GetProperty("df").GetInt32(), mean.DegreesOfFreedom);
    }

    private static (JsonElement Data, JsonElement Options, JsonElement Expected) Case(string name)
    {
        var data = s_reference.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
        return (data, data.GetProperty("options"), data.GetProperty("expected"));
    }

    private static double[] Numbers(JsonElement data, string member) =>
        [.. data.GetProperty("effects").EnumerateArray().Select(effect => effect.GetProperty(member).GetDouble())];

    private static TheoryData<string> Cases(string kind) => [.. s_reference.GetProperty("cases").EnumerateArray()
        .Where(c => c.GetProperty("options").GetProperty("kind").GetString() == kind).Select(c => c.GetProperty("name").GetString()!)];
}
