using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Diagnostics;

/// <summary><c>/meta/diagnostics</c>: where heterogeneity comes from, and what it rests on. Dependent effects enter as one composite per sample.</summary>
internal static class DiagnosticsAnalysis
{
    public const long DefaultSeed = 1;

    private const int DefaultSubsets = 10_000;
    private const int MinDefaultSubsets = 100;
    private const double DefaultRows = 1e7; // rows of all subsets together
    private static readonly double[] s_probabilities = [0, 0.025, 0.25, 0.5, 0.75, 0.975, 1];

    public static (DiagnosticsResponse? Answer, Problem? Problem) Run(EffectSet effects, DiagnosticsRequest request, ErrorLocation location)
    {
        var (resolved, problem) = ResolvedModel.Resolve(request.Model, effects, location);
        if (resolved is null)
        {
            return (null, problem);
        }

        var model = resolved.Flattened;
        var frame = ModelFrame.Create(effects, [.. Enumerable.Range(0, effects.Count)], model);
        var (y, v, estimator) = (frame.Estimates, frame.Variances, model.RandomEffectsOptions.Estimator);
        var radial = Radial.Run(y, v, estimator);
        var restricted = model.Estimator != Estimator.Ml;
        var profile = TauSquaredProfile.Fit(y, v, restricted, model.Confidence);
        return (new DiagnosticsResponse
        {
            Basis = frame.BasisOf(model),
            Baujat = Baujat.Run(y, v, estimator).Map((point, i) => new BaujatResponse(frame.IdOf(i), point.Heterogeneity, point.Influence)),
            Radial = new(radial.Slope, radial.TauSquared,
                radial.Precisions.Map((precision, i) => new RadialPointResponse(frame.IdOf(i), precision, radial.Standardised[i]))),
            Profile = profile is null ? null : new(profile.TauSquared, profile.Lower, profile.Upper, profile.LogLikelihood, profile.Cut, profile.SeveralModes,
                restricted, [.. profile.Points.Select(point => new ProfilePointResponse(point.TauSquared, point.LogLikelihood))]),
            Gosh = frame.Count == 1 ? null : Subsets(frame, model, request),
            Counts = frame.Counts(),
            Model = ResponseMapper.Model(model),
            Given = effects.Given,
            Used = effects.Count,
            Data = ResponseMapper.Data(effects),
            Excluded = effects.Excluded,
            Suppressed = effects.Suppressed,
            Warnings = [.. effects.Warnings, .. frame.Warnings(model), .. Warnings(frame, profile)],
        }, null);
    }

    /// <summary>Number of subsets that a request fits.</summary>
    public static double SubsetsOf(double rows, ISubsetRequest request) => rows <= Gosh.MaxExhaustive ? Math.Pow(2, rows) - 1
        : request.Subsets ?? Math.Clamp(Math.Floor(DefaultRows / rows), MinDefaultSubsets, DefaultSubsets);

    public static int Fit(ModelFrame frame, ResolvedModel model, ISubsetRequest request, GoshObserver observe) => Gosh.Run(frame.Estimates, frame.Variances,
        observe, model.RandomEffectsOptions.Estimator, (int)SubsetsOf(frame.Count, request), (ulong)(request.Seed ?? DefaultSeed));

    private static GoshResponse Subsets(ModelFrame frame, ResolvedModel model, DiagnosticsRequest request)
    {
        var summary = new GoshSummary(frame.Count);
        var subsets = Fit(frame, model, request, summary.Add);
        var exhaustive = frame.Count <= Gosh.MaxExhaustive;
        var (effect, i2, tau2) = (Quantiles(subset => subset.Effect), Quantiles(subset => subset.ISquared), Quantiles(subset => subset.TauSquared));
        return new(subsets, exhaustive, exhaustive ? null : request.Seed ?? DefaultSeed, model.Estimator, summary.Mean(subset => subset.Effect),
            summary.Mean(subset => subset.ISquared), [.. effect.Select((value, i) => new GoshQuantileResponse(s_probabilities[i], value, i2[i], tau2[i]))],
            [.. summary.Members().Select((member, i) =>
                new GoshMemberResponse(frame.IdOf(i), member.MeanWith, member.MeanWithout, member.ISquaredWith, member.ISquaredWithout))], Csv: null);

        IReadOnlyList<double> Quantiles(Func<GoshSubset, double> figure) => summary.Quantiles(figure, s_probabilities) ?? [];
    }

    private static IEnumerable<Warning> Warnings(ModelFrame frame, TauSquaredProfileFit? profile)
    {
        foreach (var code in FitWarnings.CodesOf(frame.Count))
        {
            yield return FitWarnings.Of(code);
        }

        if (profile is { SeveralModes: true })
        {
            yield return FitWarnings.Of("severalModes", "profile");
        }

        if (profile is { Upper: null })
        {
            yield return FitWarnings.Of("limitNotReached", "profile");
        }
    }
}
