namespace RealRelationship.Statistics;

/// <summary>An estimate of τ², with how it was reached.</summary>
/// <param name="Value">Not negative; exactly 0 at the boundary.</param>
/// <param name="StandardError">Null if the estimator has none.</param>
/// <param name="Iterations">Steps taken; 0 in closed form.</param>
/// <param name="Converged">True when the steps ended at machine precision.</param>
/// <param name="SeveralModes">True when the likelihood has several local maxima.</param>
internal sealed record TauSquaredEstimate(double Value, double? StandardError, int Iterations = 0, bool Converged = true, bool SeveralModes = false);

/// <summary>The estimators of τ², see <see cref="TauSquaredEstimator"/>.
/// Definitions and standard errors as Viechtbauer 2005 and metafor's <c>rma.uni</c>.</summary>
internal static class TauSquared
{
    public static TauSquaredEstimate Estimate(IMeanModel model, TauSquaredEstimator estimator) => estimator switch
    {
        TauSquaredEstimator.CommonEffect => new TauSquaredEstimate(0, null),
        TauSquaredEstimator.DerSimonianLaird => DerSimonianLaird(model),
        TauSquaredEstimator.Hedges => Hedges(model),
        TauSquaredEstimator.HunterSchmidt => HunterSchmidt(model, 1),
        TauSquaredEstimator.HunterSchmidtCorrected => HunterSchmidt(model, (double)model.Effects / model.DegreesOfFreedom),
        TauSquaredEstimator.SidikJonkman => SidikJonkman(model),
        TauSquaredEstimator.MaximumLikelihood => Likelihood.Maximise(model, restricted: false),
        TauSquaredEstimator.RestrictedMaximumLikelihood => Likelihood.Maximise(model, restricted: true),
        // Their equations differ, their roots do not: Q(τ²) = k − p.
        TauSquaredEstimator.EmpiricalBayes or TauSquaredEstimator.PauleMandel or TauSquaredEstimator.IteratedDerSimonianLaird =>
            GeneralisedQ(model, model.DegreesOfFreedom),
        TauSquaredEstimator.PauleMandelMedianUnbiased => GeneralisedQ(model, ChiSquared.Quantile(0.5, model.DegreesOfFreedom)),
        _ => throw new ArgumentOutOfRangeException(nameof(estimator), estimator, "Unknown estimator."),
    };

    /// <summary>The τ² at which Q(τ²) falls to a value; 0 when it starts below. Q is convex and falls, so Newton's method from 0 never overshoots.</summary>
    public static (double Value, int Iterations, bool Converged) SolveForQ(IMeanModel model, double target, in Moments atZero)
    {
        if (atZero.Q <= target)
        {
            return (0, 0, true);
        }
        var upper = model.ResidualSumOfSquares / target;
        return Newton.Root(
            tau2 =>
            {
                var m = model.At(tau2);
                return (m.Q - target, -m.YPPY);
            },
            0, upper * (1 + 1e-9), Math.Min(upper, (atZero.Q - target) / atZero.YPPY));
    }

    private static TauSquaredEstimate DerSimonianLaird(IMeanModel model)
    {
        var m = model.At(0);
        var tau2 = Math.Max(0, (m.Q - model.DegreesOfFreedom) / m.TraceP);
        return new TauSquaredEstimate(tau2, StandardDeviationOfQ(model, m, tau2) / m.TraceP);
    }

    private static TauSquaredEstimate HunterSchmidt(IMeanModel model, double factor)
    {
        var m = model.At(0);
        var tau2 = Math.Max(0, (factor * m.Q - model.Effects) / m.SumW);
        return new TauSquaredEstimate(tau2, factor * StandardDeviationOfQ(model, m, tau2) / m.SumW);
    }

    /// <summary>Standard deviation of y′Py, P at τ² = 0, when the between-study variance is τ².</summary>
    private static double StandardDeviationOfQ(IMeanModel model, in Moments m, double tau2) =>
        Math.Sqrt(2 * model.DegreesOfFreedom + 4 * tau2 * m.TraceP + 2 * tau2 * tau2 * m.TracePP);

    private static TauSquaredEstimate Hedges(IMeanModel model)
    {
        var (tracePV, tracePVPV) = model.UnweightedTraces();
        double df = model.DegreesOfFreedom;
        var tau2 = Math.Max(0, (model.ResidualSumOfSquares - tracePV) / df);
        return new TauSquaredEstimate(tau2, Math.Sqrt(2 * tracePVPV + 4 * tau2 * tracePV + 2 * tau2 * tau2 * df) / df);
    }

    /// <summary>τ₀² = Σ(y − ȳ)²/k, then τ² = τ₀² Q(τ₀²)/(k − p). With V = W⁻¹ − τ₀²I:
    /// tr PVPV = k − p − 2τ₀² tr P + τ₀⁴ tr PP and tr PVP = tr P − τ₀² tr PP.</summary>
    private static TauSquaredEstimate SidikJonkman(IMeanModel model)
    {
        var start = model.CrudeVariance;
        if (start == 0)
        {
            return new TauSquaredEstimate(0, 0);
        }
        var m = model.At(start);
        double df = model.DegreesOfFreedom;
        var tau2 = start * m.Q / df;
        var pvpv = df - 2 * start * m.TraceP + start * start * m.TracePP;
        var pvp = m.TraceP - start * m.TracePP;
        return new TauSquaredEstimate(tau2, start / df * Math.Sqrt(Math.Max(0, 2 * pvpv + 4 * tau2 * pvp + 2 * tau2 * tau2 * m.TracePP)));
    }

    private static TauSquaredEstimate GeneralisedQ(IMeanModel model, double target)
    {
        var (tau2, iterations, converged) = SolveForQ(model, target, model.At(0));
        double k = model.Effects;
        return new TauSquaredEstimate(tau2, Math.Sqrt(2 * k * k / model.DegreesOfFreedom) / model.At(tau2).SumW, iterations, converged);
    }
}
