using System.Globalization;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Plan;

/// <summary><c>/meta/plan</c>: how large one new study must be, or how many, by <see cref="StudyPlanning"/>.</summary>
internal static class PlanAnalysis
{
    public static (PlanResponse? Response, Problem? Problem) Run(EffectSet effects, PlanRequest request, ErrorLocation location)
    {
        var (model, problem) = ResolvedModel.Resolve(request.Model, effects, location);
        if (model is null)
        {
            return (null, problem);
        }

        if (model.Measure != EffectMeasure.FisherZ)
        {
            return (null, Problem.Invalid([new FieldError(location.Option("measure"), "notAllowed", "is planned by r and n, so it needs measure fisherZ")]));
        }

        var (values, valuesProblem) = Levels(effects, request, location);
        return valuesProblem is not null ? (null, valuesProblem) : (Compute(effects, request, model, values), null);
    }

    private static PlanResponse Compute(EffectSet effects, PlanRequest request, ResolvedModel model, string?[]? values)
    {
        int[] chosen = [.. Enumerable.Range(0, effects.Count).Where(i => values is null || values[i] is not null)];
        var frame = ModelFrame.Create(effects, chosen, model, values is null ? null : i => values[i]!);
        var planned = Model(frame, model, request, values);
        var value = request.Target == PlanTarget.ExcludesMargin ? request.Value ?? model.Equivalence ?? ResolvedModel.NegligibleCorrelation : request.Value;
        double? power = request.Target == PlanTarget.Width ? null : request.Power ?? PlanRequest.DefaultPower;
        var isReached = planned.Present is { } present && IsReached(request.Target, value, present);
        var planning = new StudyPlanning(planned, request.AssumedR is { } r ? FisherZ.FromCorrelation(r) : null);
        var size = isReached ? null : AnalysisMetrics.TimeFit(model, () => Find(planning, request, value, power));
        return new PlanResponse
        {
            Target = request.Target,
            Value = value,
            AssumedR = request.AssumedR ?? FisherZ.ToCorrelation(planned.ExpectedEffect),
            Tau2 = planned.TauSquared,
            Power = power,
            N = request.N ?? (isReached ? 0 : size!.Size),
            Studies = isReached ? 0 : request.N is null ? 1 : (int?)size!.Size,
            AlreadyReached = isReached,
            NotReachable = size is { Size: null },
            Achieved = size?.Achieved,
            Limit = size?.Limit,
            Present = ToResponse(planned.Present, request.Target),
            Curve = [.. size?.Steps.Select(step => request.N is { } n ? new PlanStepResponse(n, (int)step.Size, step.Achieved)
                : new PlanStepResponse(step.Size, 1, step.Achieved)) ?? []],
            Counts = frame.Counts(),
            Model = ResponseMapper.Model(model),
            Given = effects.Given,
            Used = effects.Count,
            Data = ResponseMapper.Data(effects),
            Excluded = chosen.Length < effects.Count ? [.. effects.Excluded, new("moderatorMissing", effects.Count - chosen.Length, request.By)]
                : effects.Excluded,
            Suppressed = effects.Suppressed,
            Warnings = [.. effects.Warnings, .. frame.Warnings(model), .. FitWarnings.CodesOf(frame.Count).Select(FitWarnings.Of),
                .. size is { Size: null } ? [NotReachable(request, size)] : Array.Empty<Warning>()],
        };
    }

    private static PlannedModel Model(ModelFrame frame, ResolvedModel model, PlanRequest request, string?[]? values)
    {
        var samples = frame.SampleCodes();
        if (values is null)
        {
            return model.IsNested ? PlannedModel.OfMean(frame.Estimates, frame.Variances, samples, frame.NestedOptions(model))
                : PlannedModel.OfMean(frame.Estimates, frame.Variances, model.RandomEffectsOptions);
        }

        string[] levels = [.. frame.Members.Select(members => values[members[0]]!)];
        return model.IsNested
            ? PlannedModel.OfContrast(frame.Estimates, frame.Variances, levels, request.A!, request.B!, frame.NestedOptions(model), samples)
            : PlannedModel.OfContrast(frame.Estimates, frame.Variances, levels, request.A!, request.B!, model.RandomEffectsOptions, samples);
    }

    private static PlannedSize Find(StudyPlanning planning, PlanRequest request, double? value, double? power)
    {
        var margin = request.Target == PlanTarget.ExcludesMargin ? FisherZ.FromCorrelation(value!.Value) : 0;
        return (request.Target, request.N) switch
        {
            (PlanTarget.Width, null) => planning.ParticipantsForWidth(value!.Value),
            (PlanTarget.Width, { } n) => planning.StudiesForWidth(n, value!.Value),
            (_, null) => planning.ParticipantsForPower(power!.Value, margin),
            (_, { } n) => planning.StudiesForPower(n, power!.Value, margin),
        };
    }

    private static bool IsReached(PlanTarget target, double? value, Interval present)
    {
        var (lower, upper) = (FisherZ.ToCorrelation(present.Lower), FisherZ.ToCorrelation(present.Upper));
        return target switch
        {
            PlanTarget.Width => upper - lower <= value,
            PlanTarget.ExcludesMargin => lower > value || upper < -value,
            _ => lower > 0 || upper < 0,
        };
    }

    private static PresentIntervalResponse ToResponse(Interval? present, PlanTarget target) => present is not { } limits ? new(null, null, null)
        : new(limits.Lower, limits.Upper, target == PlanTarget.Contrast ? null
            : new(FisherZ.ToCorrelation(limits.Lower), FisherZ.ToCorrelation(limits.Upper),
                FisherZ.ToCorrelation(limits.Upper) - FisherZ.ToCorrelation(limits.Lower)));

    private static Warning NotReachable(PlanRequest request, PlannedSize size)
    {
        var what = request.Target == PlanTarget.Width ? "expected width" : "power";
        return new("notReachable", request.N is { } n
            ? string.Create(CultureInfo.InvariantCulture,
                $"{StudyPlanning.MaxStudies} new studies of {n} participants do not reach it: their {what} is {size.Achieved:0.###}.")
            : string.Create(CultureInfo.InvariantCulture,
                $"No single new study reaches it: as its participants grow without limit, the {what} is {size.Limit:0.###}. Ask for several with n=."));
    }

    // The level of each effect; null unless a contrast is planned.
    private static (string?[]? Values, Problem? Problem) Levels(EffectSet effects, PlanRequest request, ErrorLocation location)
    {
        if (request.Target != PlanTarget.Contrast)
        {
            return (null, null);
        }

        var (columns, problem) = ModeratorColumn.Find(effects, [request.By!], "by", location);
        if (problem is not null)
        {
            // Here `by` is a single moderator rather than an array.
            return (null, Problem.Invalid([.. problem.Errors.Select(e => e with { Pointer = location.Member("by") })]));
        }

        if (HypotheticalEffects.FindUnused(effects, columns, location, all: true) is { } unused)
        {
            return (null, unused);
        }

        if (columns[0].IsContinuous)
        {
            return (null, Problem.Invalid([new FieldError(location.Member("by"), "notCategorical", $"'{request.By}' is a number and has no levels")]));
        }

        string?[] values = [.. columns[0].Values.Select(value => value?.Text)];
        string[] levels = [.. values.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        FieldError[] errors =
        [
            .. from level in new[] { (Name: "a", Value: request.A!), (Name: "b", Value: request.B!) }
               where !levels.Contains(level.Value, StringComparer.Ordinal)
               select new FieldError(location.Member(level.Name), "unknownLevel", $"must be one of {NameList.Of(levels)}"),
        ];
        return errors.Length > 0 ? (null, Problem.Invalid(errors)) : (values, null);
    }
}
