using System.Text.Json;

namespace RealRelationship.Statistics.Tests;

/// <summary>The likelihood of a selection model with sums over a fine grid in place of the library's quadrature.</summary>
internal sealed class SelectionIntegral(double[] y, double[] v, WeightFunctionOptions options)
{
    private const double Reach = 12;

    public double LogLikelihood(WeightFunctionFit fit) =>
        LogLikelihood([.. y.Select(_ => fit.Coefficients[0].Estimate)], fit.TauSquared!.Value, [.. fit.Deltas.Select(delta => delta!.Value)]);

    public double LogLikelihood(JsonElement expected) => LogLikelihood([.. y.Select(_ => expected.GetProperty("mu").GetDouble())],
        expected.GetProperty("tau2").GetDouble(), [.. expected.GetProperty("delta").EnumerateArray().Select(delta => delta.GetDouble())]);

    public double LogLikelihood(double[] means, double tau2, double[] delta, double step = 0.02)
    {
        var sign = options.Direction == SelectionDirection.Less ? -1 : 1;
        var sum = 0.0;
        for (var i = 0; i < y.Length; i++)
        {
            var (s, se) = (Math.Sqrt(v[i] + tau2), Math.Sqrt(v[i]));
            var expectation = 0.0;
            for (var t = -Reach; t <= Reach; t += step)
            {
                expectation += Math.Exp(-t * t / 2) * Weight(sign * (means[i] + s * t) / se, delta);
            }
            var r = (y[i] - means[i]) / s;
            sum += -r * r / 2 - Math.Log(s) - Math.Log(expectation * step) + Math.Log(Weight(sign * y[i] / se, delta));
        }
        return sum;
    }

    private double Weight(double x, double[] delta)
    {
        var smallest = options.Function is SelectionFunction.Power or SelectionFunction.Beta ? 1e-5 : 0;
        var p = Math.Clamp(Normal.UpperTail(x), smallest, 1 - smallest);
        return options.Function switch
        {
            SelectionFunction.Step => p <= options.Steps[0] ? 1 : delta[options.Steps.Count(step => p > step) - 1],
            SelectionFunction.HalfNormal => Math.Exp(-delta[0] * p * p),
            SelectionFunction.NegativeExponential => Math.Exp(-delta[0] * p),
            SelectionFunction.Logistic => 2 * Math.Exp(-delta[0] * p) / (1 + Math.Exp(-delta[0] * p)),
            SelectionFunction.Power => Math.Pow(1 - p, delta[0]),
            _ => Math.Pow(p, delta[0] - 1) * Math.Pow(1 - p, delta[1] - 1),
        };
    }
}
